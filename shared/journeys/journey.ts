import * as z from "zod/mini";
import type { Key } from "../table/item.ts";
import { heardWhileRunning, type JourneyDefinition, journeyDefinitionSchema } from "./definition.ts";
import { idSchema } from "./step.ts";

export const journeyStates = ["draft", "published", "paused", "archived"] as const;
export type JourneyState = (typeof journeyStates)[number];

/** A journey's head: its state, which version new runs take, and the draft of the next. */
export const journeyHeadSchema = z.object({
  id: idSchema,
  name: z.string(),
  state: z.enum(journeyStates),
  /** The version that new runs take; 0 before the first is published. */
  publishedVersion: z.number(),
  /** Changes with every write; the ETag. */
  revision: z.number(),
  /** Every event that matters to runs under way, of whatever version was ever published: old runs go on. */
  hears: z.array(z.string()),
  draft: z.optional(journeyDefinitionSchema),
  /** When it was archived last: runs that began by then are over, also once the journey is published again. */
  archivedAt: z.optional(z.string()),
  updatedAt: z.string(),
  updatedBy: z.string(),
});
export type JourneyHead = z.output<typeof journeyHeadSchema>;

export function headKey(id: string): Key {
  return { pk: `JOURNEY#${id}`, sk: "JOURNEY" };
}

/** A version once published never changes; one that was not is written over by the next attempt. */
export function versionKey(id: string, version: number): Key {
  return { pk: `JOURNEY#${id}`, sk: `VERSION#${String(version).padStart(6, "0")}` };
}

/** The index's partition that lists all journeys. */
export const listPk = "JOURNEYS";

/** A journey that comes with the product: what it is until staff change it. */
export interface ShippedJourney {
  readonly id: string;
  /** `draft`: it does nothing until somebody publishes it. */
  readonly state: "published" | "draft";
  readonly definition: JourneyDefinition;
}

/** The version number of what comes with the product. */
export const shippedVersion = 1;

/** The head of a shipped journey that nobody has touched. */
export function shippedHead({ id, state, definition }: ShippedJourney): JourneyHead {
  const isDraft = state === "draft";
  return {
    id,
    name: definition.name,
    state,
    publishedVersion: isDraft ? 0 : shippedVersion,
    revision: 0,
    hears: isDraft ? [] : [...heardWhileRunning(definition)],
    ...(isDraft && { draft: definition }),
    updatedAt: "1970-01-01T00:00:00.000Z",
    updatedBy: "Rapport",
  };
}
