/** A host that is killed while its functions run: one waits, one spins. */
import { functionOf, poolOf } from "./fixture.ts";

const { pool } = poolOf([
  functionOf(
    "waits",
    "exports.handler = async () => { console.log('pid ' + process.pid); await new Promise(() => setTimeout(() => {}, 1e6)); };",
  ),
  functionOf("spins", "exports.handler = async () => { console.log('pid ' + process.pid); for (;;); };", {
    timeoutSeconds: 600,
  }),
]);
pool.logs.subscribe((record) => {
  if (record.message.startsWith("pid ")) process.stdout.write(`${record.message.slice("pid ".length)}\n`);
});
await Promise.all(["waits", "spins"].map((name) => pool.invoke(name, {}, { route: "test" })));
