import * as z from "zod/mini";

/** Asks that a run be looked at again. It names the run's step and version, so that a second one does nothing. */
export const wakeUpSchema = z.object({
  contactId: z.string(),
  sk: z.string().check(z.startsWith("RUN#")),
  stepId: z.string(),
  version: z.number(),
  correlationId: z.string(),
});
export type WakeUp = z.infer<typeof wakeUpSchema>;
