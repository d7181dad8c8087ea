/** Entry of a function process: one execution environment of Lambda, one invocation at a time. */
import { createClock } from "../../clock.ts";
import type { FromProcess, Invocation, ToProcess } from "../messages.ts";
import { structureConsole } from "./console.ts";
import { describeError, RuntimeError } from "./errors.ts";
import { type Handler, loadHandler } from "./handler.ts";
import { runHandler } from "./run.ts";
import { confineModules } from "./sandbox.ts";

const CRASH_EXIT_CODE = 128;
const taskRoot = process.env.LAMBDA_TASK_ROOT ?? process.cwd();

const clock = createClock(Number(process.argv[2] ?? 0));
let requestId: string | undefined;

const tell = (message: FromProcess, then: () => void = () => undefined) => process.send?.(message, then);

function fail(error: unknown): void {
  tell({ type: "fatal", error: describeError(error) }, () => process.exit(CRASH_EXIT_CODE));
}

async function invoke(handler: Handler, invocation: Invocation): Promise<void> {
  requestId = invocation.requestId;
  process.env._X_AMZN_TRACE_ID = invocation.traceId;
  const report = await runHandler(handler, invocation);
  requestId = undefined;
  tell({ type: "result", ...report });
}

async function start(): Promise<void> {
  const begun = performance.now();
  const handler = await loadHandler(taskRoot, process.env._HANDLER ?? "");
  const importMs = performance.now() - begun;
  if (handler.length > 2)
    console.warn("Node.js 24 on Lambda refuses handlers with a callback: return a promise instead.");
  process.on("message", (message: ToProcess) => {
    clock.advanceBy(Math.max(0, message.clockOffset - clock.offset()));
    if (message.type === "invoke") void invoke(handler, message);
  });
  tell({ type: "ready", importMs });
}

// The host may be killed at any moment; its functions must not outlive it.
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches the whole process group; the host decides when its functions end.
process.on("SIGINT", () => undefined);
process.on("uncaughtException", fail);
process.on("unhandledRejection", (reason) =>
  fail(new RuntimeError("Runtime.UnhandledPromiseRejection", String(reason), reason)),
);

clock.install();
structureConsole(() => requestId);
confineModules(taskRoot);
await start().catch(fail);
