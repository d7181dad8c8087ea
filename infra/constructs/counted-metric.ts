import type { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { FunctionName } from "../../shared/runtime/environments.ts";
import type { Config } from "../config-schema.ts";
import { namesOf } from "../names.ts";

/** What a function counts (`functions/runtime/counter.ts`), summed over a period. */
export function countedMetric(config: Config, service: FunctionName, metricName: string, period: Duration): Metric {
  const { prefix: namespace } = namesOf(config);
  return new Metric({ namespace, metricName, dimensionsMap: { service }, period, statistic: "Sum" });
}
