import { costOf, prices } from "../local/cost.ts";
import type { Stack } from "../scripts/stack.ts";
import { resourcesIn } from "./assembly.ts";
import { atMost, type Figure, plain } from "./figure.ts";

const daysPerMonth = 30;
const alarmDollars = 0.1;
/** Lambda keeps at least five long polls of 20 s going on each queue that feeds a function; SQS bills them. */
const pollsPerMonth = 5 * 3 * 60 * 24 * daysPerMonth;

/** What a month costs when nothing comes in: a day of the schedules as metered, and what AWS bills by the month. */
export async function benchIdle(stack: Stack, assembly: string): Promise<readonly Figure[]> {
  await stack.host.drain();
  await stack.host.resetMeter();
  await stack.host.advance("24h", "1m");
  const day = costOf({ ...(await stack.host.meter()).totals, sesRecipients: 0 });
  const count = countResources(assembly);
  const parts = [
    ["schedules: Lambda", day.lambda * daysPerMonth],
    ["schedules: table", (day.writes + day.reads) * daysPerMonth],
    ["schedules: queues and logs", (day.sqs + day.logs) * daysPerMonth],
    [
      "long polls of the queues",
      count("AWS::Lambda::EventSourceMapping", "EventSourceArn", "Queue") * pollsPerMonth * prices.sqsRequest,
    ],
    ["alarms", count("AWS::CloudWatch::Alarm") * alarmDollars],
  ] as const;
  const total = parts.reduce((sum, [, dollars]) => sum + dollars, 0);
  return [
    ...parts.map(([name, dollars]) => plain(`idle: ${name}`, dollars, "$/month")),
    atMost("idle: total", total, "$/month", 5),
  ];
}

function countResources(assembly: string) {
  const resources = resourcesIn(assembly);
  return (type: string, property?: string, containing = "") =>
    resources.filter(
      ({ Type, Properties }) =>
        Type === type && (property === undefined || JSON.stringify(Properties?.[property] ?? "").includes(containing)),
    ).length;
}
