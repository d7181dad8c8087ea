import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";

/** Counts what alarms watch. A count is one line of the log, in CloudWatch's embedded metric format. */
export function createCounter(): (metric: string) => void {
  const metrics = new Metrics();
  return (metric) => {
    metrics.addMetric(metric, MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  };
}
