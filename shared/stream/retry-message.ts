import * as z from "zod/mini";
import { itemSchema } from "../table/item.ts";
import type { Change, Stage } from "./stage.ts";

/** A stage to run again on an item. It names the item only: whoever runs it reads the item as it is then. */
export const retryMessageSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  stage: z.string(),
  correlationId: z.string(),
  /** What the stage remembers of the image before the change. */
  previous: z.optional(itemSchema),
  /** What the stages before it had found out. */
  found: z.optional(z.record(z.string(), z.string())),
});
export type RetryMessage = z.infer<typeof retryMessageSchema>;

/** Asks for a stage to be run again on a change's item. */
export function retryOf(stage: Stage, { item, previous, found }: Change, correlationId: string): RetryMessage {
  const { pk, sk, kind } = item;
  const message = { pk, sk, stage: stage.name, correlationId, ...(found !== undefined && { found }) };
  if (stage.remembers === undefined || previous === undefined) return message;
  const remembered = stage.remembers.filter((name) => name in previous).map((name) => [name, previous[name]] as const);
  return { ...message, previous: { ...Object.fromEntries(remembered), pk, sk, kind } };
}
