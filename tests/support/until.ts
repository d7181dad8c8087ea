import { setTimeout as delay } from "node:timers/promises";

/** Resolves when a condition holds; the condition itself is what the test waits for. */
export async function until(holds: () => boolean | Promise<boolean>, patienceMs = 10_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`did not hold within ${patienceMs} ms: ${holds}`);
    await delay(5);
  }
}
