import * as z from "zod/mini";

/** The kinds of periods that the pipeline is foretold for. */
export const pipelineKinds = ["week", "month", "quarter"] as const;

const share = z.nullable(z.number());

/** The pipeline's forecast as it is kept and shown; what each number is, says `pipeline-forecast.ts`. */
export const pipelineSchema = z.object({
  asOf: z.iso.datetime(),
  currency: z.string(),
  stages: z.array(
    z.object({
      pipeline: z.nullable(z.string()),
      stage: z.string(),
      open: z.number(),
      amount: z.number(),
      won: z.number(),
      closed: z.number(),
      winRate: share,
      low: share,
      high: share,
      basis: z.enum(["stage", "all"]),
    }),
  ),
  periods: z.array(
    z.object({
      kind: z.enum(pipelineKinds),
      start: z.iso.date(),
      end: z.iso.date(),
      value: z.number(),
      low: z.number(),
      high: z.number(),
    }),
  ),
  total: z.number(),
  open: z.number(),
  leftOut: z.object({ withoutAmount: z.number(), otherCurrency: z.number(), older: z.number() }),
  missing: z.nullable(z.string()),
});
export type Pipeline = z.infer<typeof pipelineSchema>;
