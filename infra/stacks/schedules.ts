import { type App, Duration } from "aws-cdk-lib";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { runsStandStill } from "../../shared/runtime/metric-names.ts";
import { type Config, calendarOf } from "../config-schema.ts";
import { countedMetric } from "../constructs/counted-metric.ts";
import { FailureQueue } from "../constructs/failure-queue.ts";
import { impactAlarm } from "../constructs/impact-alarm.ts";
import { ScheduledFunction } from "../constructs/scheduled-function.ts";
import { ScheduledMessage } from "../constructs/scheduled-message.ts";
import { urlsOf, type WorkQueues } from "../constructs/work-queues.ts";
import { namesOf } from "../names.ts";
import { RapportStack } from "./rapport-stack.ts";

export interface SchedulesStackProps {
  readonly config: Config;
  readonly alarms: ITopic;
  readonly queues: WorkQueues;
  readonly kpiHistory: IQueue;
  readonly publicUrl: string;
}

/** What the clock starts. */
export class SchedulesStack extends RapportStack {
  constructor(app: App, { config, alarms, queues, kpiHistory, publicUrl }: SchedulesStackProps) {
    super(app, "Schedules", "what the clock starts", config);
    const { queue } = new FailureQueue(this, "Failures", {
      queueName: `${namesOf(config).prefix}-schedules-failures`,
      impact:
        "Scheduled work failed: waiting mails may be late, KPIs, recommendations or predictions of customers old, the digest missing, or shops not compared.",
      remedy:
        "Read the logs of due-sweep, kpi-roll-up, reconciliation, recommendations, customer-models and digest, mend the cause, then purge this queue: the next run catches up.",
      alarms,
    });
    const common = { config, deadLetterQueue: queue };
    const calendar = { ...calendarOf(config), CURRENCY: config.currency };

    new ScheduledFunction(this, "DueSweep", {
      ...common,
      name: "due-sweep",
      expression: "rate(1 minute)",
      environment: urlsOf(queues),
      sendsTo: Object.values(queues),
    });
    new ScheduledFunction(this, "KpiRollUp", {
      ...common,
      name: "kpi-roll-up",
      expression: "rate(1 hour)",
      environment: {
        ...calendar,
        MAIL_QUEUE_URL: queues.MAIL_QUEUE_URL.queueUrl,
        MANAGERS: JSON.stringify(config.owners),
      },
      sendsTo: [queues.MAIL_QUEUE_URL],
    });
    impactAlarm(this, "RunsStandStill", {
      metric: countedMetric(config, "kpi-roll-up", runsStandStill, Duration.hours(1)),
      alarmName: `${namesOf(config).prefix}-runs-stand-still`,
      impact: "People wait in a journey whose next step was due more than an hour ago, and nothing wakes them.",
      remedy:
        "Find the runs under 'runs stand still' in the log of kpi-roll-up and replay each (POST /v1/journeys/{id}/runs/{runId}/replay): nothing is sent twice. If other alarms ring too, mend their cause first.",
      threshold: 1,
      alarms,
    });
    new ScheduledFunction(this, "Reconciliation", {
      ...common,
      name: "reconciliation",
      expression: "cron(30 3 * * ? *)",
      environment: {},
    });
    new ScheduledFunction(this, "Recommendations", {
      ...common,
      name: "recommendations",
      expression: "cron(40 3 * * ? *)",
      environment: {},
    });
    new ScheduledFunction(this, "CustomerModels", {
      ...common,
      name: "customer-models",
      expression: "cron(50 3 * * ? *)",
      environment: {},
    });
    new ScheduledFunction(this, "Digest", {
      ...common,
      name: "digest",
      // Each digest has an hour and a zone of its own.
      expression: "cron(0 * * * ? *)",
      environment: {
        ...calendar,
        PUBLIC_NAME: config.accountName,
        PUBLIC_URL: publicUrl,
        DIGEST_HOUR: String(config.digestHour),
        MAIL_QUEUE_URL: queues.MAIL_QUEUE_URL.queueUrl,
        MANAGERS: JSON.stringify(config.owners),
      },
      sendsTo: [queues.MAIL_QUEUE_URL],
    });
    new ScheduledMessage(this, "Census", {
      ...common,
      name: "census",
      expression: "cron(30 3 * * ? *)",
      queue: queues.SEGMENTS_QUEUE_URL,
      message: { type: "census" },
    });
    new ScheduledMessage(this, "KpiHistory", {
      ...common,
      name: "kpi-history",
      expression: "rate(1 hour)",
      queue: kpiHistory,
      message: { type: "plan" },
    });
  }
}
