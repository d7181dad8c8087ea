import { broadcastsUsing } from "../broadcasts/broadcast-store.ts";
import { openJourneys } from "../journeys/journey-store.ts";
import type { Table } from "../table/client.ts";
import { dependenciesOf } from "./dependencies.ts";
import { listSegments } from "./segment-store.ts";

/**
 * Who asks for a segment, as `the segment vip`, `the journey win-back` and `the broadcast Spring sale (01J…)`. Drafts ask;
 * archived journeys, and broadcasts that are sent or cancelled, do not.
 */
export async function usersOfSegment(table: Table, id: string): Promise<readonly string[]> {
  const [segments, journeys, broadcasts] = await Promise.all([
    listSegments(table),
    journeysAsking(table, id),
    broadcastsUsing(table, id),
  ]);
  const asking = segments.filter(({ rule }) => dependenciesOf(rule).segments.has(id));
  return [
    ...asking.map((segment) => `the segment ${segment.id}`),
    ...journeys.map((journey) => `the journey ${journey}`),
    ...broadcasts.map((broadcast) => `the broadcast ${broadcast.name} (${broadcast.id})`),
  ];
}

async function journeysAsking(table: Table, id: string): Promise<readonly string[]> {
  const journeys = openJourneys(table);
  const live = (await journeys.heads()).filter(({ state }) => state !== "archived");
  const asking = await Promise.all(
    live.map(async (head) => {
      const published = head.publishedVersion > 0 ? await journeys.version(head.id, head.publishedVersion) : undefined;
      return asksForSegment([head.draft, published], id) ? [head.id] : [];
    }),
  );
  return asking.flat();
}

/** Whether a condition on `segmentId` anywhere in a journey names the segment. */
export function asksForSegment(part: unknown, id: string): boolean {
  if (typeof part !== "object" || part === null) return false;
  if ("property" in part && /(^|\.)segmentId$/.test(String(part.property))) {
    return Object.values(part).flat().includes(id);
  }
  return Object.values(part).some((inner) => asksForSegment(inner, id));
}
