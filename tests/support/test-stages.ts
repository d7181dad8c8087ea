import type { Stage } from "../../shared/stream/stage.ts";
import { createStages, type StageDependencies } from "../../shared/stream/stages.ts";

type Known = Pick<StageDependencies, "table" | "now"> & Partial<StageDependencies>;

/** All stages with queues that lead nowhere, but for those that a test names, and ids of their own. */
export function testStages(known: Known): readonly Stage[] {
  let ids = 0;
  return createStages({
    count: () => undefined,
    sendMail: async () => undefined,
    sendSegments: async () => undefined,
    sendHistory: async () => undefined,
    sendConnectors: async () => undefined,
    sendWebhook: async () => undefined,
    sendWakeUp: async () => undefined,
    sendBroadcasts: async () => undefined,
    sendErasure: async () => undefined,
    timeZone: "UTC",
    attributionDays: 5,
    newId: () => `id${++ids}`,
    ...known,
  });
}
