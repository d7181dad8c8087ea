import * as z from "zod/mini";
import { isArchivedFor } from "../journeys/archived.ts";

/** Whether what asked for a mail, a journey's run or a broadcast, still wants it. */
export type Gate = "open" | "exited" | "cancelled" | "paused";

/** What a mail needs to know of a run; `endedBy` tells a run that was left from one that came to its end. */
const runSchema = z.object({ state: z.string(), startedAt: z.string(), endedBy: z.optional(z.string()) });
const headSchema = z.object({ state: z.string(), archivedAt: z.optional(z.string()) });
const stateSchema = z.object({ state: z.string() });

/** Decides by the run and its journey as they are now; a run that is gone went with its contact. */
export function runGateOf(run: unknown, journey: unknown): Gate {
  if (run === undefined) return "exited";
  const { endedBy, ...begun } = runSchema.parse(run);
  if (begun.state === "exited" || endedBy === "goal" || endedBy === "exit") return "exited";
  const head = journey === undefined ? undefined : headSchema.parse(journey);
  if (endedBy === "archived" || (head !== undefined && isArchivedFor(head, begun))) return "cancelled";
  return head?.state === "paused" ? "paused" : "open";
}

/** Decides by the broadcast as it is now; one that is gone wants nothing. */
export function broadcastGateOf(broadcast: unknown): Gate {
  if (broadcast === undefined) return "cancelled";
  const { state } = stateSchema.parse(broadcast);
  if (state === "sending" || state === "sent") return "open";
  return state === "paused" ? "paused" : "cancelled";
}
