import * as z from "zod/mini";

/** Whether the journey's run that asked for a mail still wants it. */
export type RunGate = "open" | "exited" | "paused";

/** What a mail needs to know of a run; `endedBy` tells a run that was left from one that came to its end. */
const runSchema = z.object({ journeyId: z.string(), state: z.string(), endedBy: z.optional(z.string()) });
const journeySchema = z.object({ state: z.string() });

/** Decides by the run and its journey as they are now; a run that is gone went with its contact. */
export function runGateOf(run: unknown, journey: unknown): RunGate {
  if (run === undefined) return "exited";
  const { state, endedBy } = runSchema.parse(run);
  if (state === "exited" || endedBy === "goal" || endedBy === "exit") return "exited";
  return journey !== undefined && journeySchema.parse(journey).state === "paused" ? "paused" : "open";
}
