import * as z from "zod/mini";

/** A stage to run again on an item. It names the item only: whoever runs it reads the item as it is then. */
export const retryMessageSchema = z.object({
  pk: z.string(),
  sk: z.string(),
  stage: z.string(),
  correlationId: z.string(),
});
export type RetryMessage = z.infer<typeof retryMessageSchema>;
