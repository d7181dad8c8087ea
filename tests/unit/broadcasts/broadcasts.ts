import { type Broadcast, broadcastInputSchema } from "../../../shared/broadcasts/broadcast.ts";

export const start = new Date("2026-03-01T10:00:00.000Z");

/** A draft to the segment `all`, in one variant unless it says otherwise. */
export function draft(more: Partial<Broadcast> = {}): Broadcast {
  const variants = [{ id: "a", templateId: "spring", percent: 100 }];
  const at = start.toISOString();
  return {
    ...broadcastInputSchema.parse({ name: "Spring", segmentId: "all", variants }),
    id: "spring",
    state: "draft",
    version: 1,
    createdAt: at,
    updatedAt: at,
    updatedBy: "test",
    requestHash: "",
    ...more,
  };
}

export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;
export const plus = (at: Date, milliseconds: number): Date => new Date(at.getTime() + milliseconds);
