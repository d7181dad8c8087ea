import { broadcastsUsing } from "../broadcasts/broadcast-store.ts";
import { openJourneys } from "../journeys/journey-store.ts";
import { referencesOf } from "../journeys/references.ts";
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
      const named = [head.draft, published].flatMap((definition) => (definition ? referencesOf(definition) : []));
      return named.some((reference) => reference.kind === "segment" && reference.id === id) ? [head.id] : [];
    }),
  );
  return asking.flat();
}
