import { type App, Duration } from "aws-cdk-lib";
import { Rule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import {
  bouncesRise,
  complaintsRise,
  marketingStopped,
  reconciliationDiffers,
} from "../../shared/runtime/metric-names.ts";
import { addressOf, type Config, calendarOf, sendingRulesOf } from "../config-schema.ts";
import { countedMetric } from "../constructs/counted-metric.ts";
import { impactAlarm } from "../constructs/impact-alarm.ts";
import { QueueWorker } from "../constructs/queue-worker.ts";
import { StreamWorker } from "../constructs/stream-worker.ts";
import { urlsOf, type WorkQueues } from "../constructs/work-queues.ts";
import { namesOf } from "../names.ts";
import { RapportStack } from "./rapport-stack.ts";

export interface MessagingStackProps {
  readonly config: Config;
  readonly alarms: ITopic;
  readonly publicUrl: string;
}

/** What follows from a write: the stream's stages, mail, and what becomes of the mail. */
export class MessagingStack extends RapportStack {
  readonly queues: WorkQueues;
  readonly kpiHistory: IQueue;

  constructor(app: App, { config, alarms, publicUrl }: MessagingStackProps) {
    super(app, "Messaging", "stages, mail and feedback", config);
    const common = { config, alarms, batchSize: 10, maxConcurrency: 2 };
    const { configurationSet } = namesOf(config);

    const mail = new QueueWorker(this, "Mail", {
      ...common,
      name: "mail",
      impact: "Mails were not sent: people wait for a confirmation, a welcome or a digest.",
      environment: {
        SENDER: config.sender,
        CONFIGURATION_SET: configurationSet,
        PUBLIC_URL: publicUrl,
        PUBLIC_NAME: config.accountName,
        POSTAL_ADDRESS: config.postalAddress,
        SES_PER_SECOND: String(config.sending.perSecond),
        SES_PER_DAY: String(config.sending.perDay),
        MARKETING_PER_MINUTE: JSON.stringify(config.sending.marketingPerMinute),
        TIME_ZONE: config.timeZone,
        ...sendingRulesOf(config),
      },
    });
    const sesArn = (resource: string, resourceName: string) =>
      this.formatArn({ service: "ses", resource, resourceName });
    mail.worker.role.addToPolicy(
      new PolicyStatement({
        sid: "SendMail",
        actions: ["ses:SendRawEmail"],
        resources: [sesArn("identity", config.domain), sesArn("configuration-set", configurationSet)],
        conditions: { StringEquals: { "ses:FromAddress": addressOf(config.sender) } },
      }),
    );

    impactAlarm(this, "MarketingStopped", {
      metric: countedMetric(config, "mail", marketingStopped, Duration.hours(1)),
      alarmName: `${namesOf(config).prefix}-marketing-stopped`,
      impact: "Marketing mail has stopped itself: too many people's mails bounced or were marked as spam.",
      remedy:
        "Find the list or form that the bad addresses came from, mend it, then open the guard again (docs/guides/email.md): what waits goes on, unless it is too old by then.",
      threshold: 1,
      alarms,
    });

    const nearing = { threshold: 1, alarms };
    impactAlarm(this, "BouncesRise", {
      ...nearing,
      metric: countedMetric(config, "table-stream", bouncesRise, Duration.hours(1)),
      alarmName: `${namesOf(config).prefix}-bounces-rise`,
      impact: "Two in a hundred mails bounce: at five marketing mail stops itself, and at ten AWS stops all mail.",
      remedy: "See the days at GET /v1/sending, and take the list or form that the bad addresses came from out of use.",
    });
    impactAlarm(this, "ComplaintsRise", {
      ...nearing,
      metric: countedMetric(config, "table-stream", complaintsRise, Duration.hours(1)),
      alarmName: `${namesOf(config).prefix}-complaints-rise`,
      impact: "People mark mail as spam, one in two thousand: at one in a thousand marketing mail stops itself.",
      remedy: "See the days at GET /v1/sending; send to the engaged only, less often, and ask who complained no more.",
    });

    const calendar = { TIME_ZONE: config.timeZone };
    const attribution = { ATTRIBUTION_DAYS: String(config.attributionDays) };
    const journeys = new QueueWorker(this, "Journeys", {
      ...common,
      name: "journeys",
      impact: "Journeys stand still: people do not get the next mail of a series.",
      environment: calendar,
    });

    const segments = new QueueWorker(this, "Segments", {
      ...common,
      name: "segments",
      impact: "Segments may be out of date: people enter or leave them late, or a rebuild stands still.",
      environment: {},
    });

    const connectors = new QueueWorker(this, "Connectors", {
      ...common,
      name: "connectors",
      impact:
        "Orders that people made in a connected shop are missing, or the shop has not heard that they unsubscribed.",
      environment: { SOURCE_SECRETS: namesOf(config).sourceSecrets, LOCAL_SHOPS: config.localShops ? "yes" : "no" },
    });
    const broadcasts = new QueueWorker(this, "Broadcasts", {
      ...common,
      name: "broadcasts",
      impact: "A broadcast stands still: some members of its segment do not get their mail.",
      environment: { MAIL_QUEUE_URL: mail.queue.queueUrl, SES_PER_SECOND: String(config.sending.perSecond) },
      sendsTo: [mail.queue],
    });
    impactAlarm(this, "ReconciliationDiffers", {
      metric: countedMetric(config, "table-stream", reconciliationDiffers, Duration.hours(1)),
      alarmName: `${namesOf(config).prefix}-reconciliation-differs`,
      impact: "Orders that people made in a connected shop are missing here, or have another amount.",
      remedy:
        "Read GET /v1/sources/{source}/reconciliation: it names the days and the missing orders (docs/guides/connect-shopify.md).",
      threshold: 1,
      alarms,
    });

    const erasures = new QueueWorker(this, "Erasures", {
      ...common,
      name: "erasures",
      impact: "Some people who asked to be forgotten are not wholly erased yet: the law gives a month.",
      environment: {},
    });

    const webhooksOut = new QueueWorker(this, "WebhooksOut", {
      ...common,
      name: "webhooks-out",
      impact: "Webhooks stand still: other systems do not hear from journeys what people did.",
      environment: { WEBHOOK_SECRETS: namesOf(config).webhookSecrets, LOCAL_SHOPS: config.localShops ? "yes" : "no" },
    });

    this.queues = {
      WEBHOOKS_OUT_QUEUE_URL: webhooksOut.queue,
      MAIL_QUEUE_URL: mail.queue,
      JOURNEYS_QUEUE_URL: journeys.queue,
      SEGMENTS_QUEUE_URL: segments.queue,
      CONNECTORS_QUEUE_URL: connectors.queue,
      BROADCASTS_QUEUE_URL: broadcasts.queue,
      ERASURES_QUEUE_URL: erasures.queue,
    };

    const history = new QueueWorker(this, "KpiHistory", {
      ...common,
      // A page or a turn is much work.
      batchSize: 1,
      name: "kpi-history",
      impact:
        "Figures that people look back at are missing: the past of a KPI that is new or has changed is not counted.",
      environment: { ...calendarOf(config), CURRENCY: config.currency },
    });
    this.kpiHistory = history.queue;
    const historyUrl = { KPI_HISTORY_QUEUE_URL: history.queue.queueUrl };

    const retry = new QueueWorker(this, "StreamRetry", {
      ...common,
      name: "stream-retry",
      impact: "Some changes were not followed up: a lead may lack its welcome mail, or a KPI may be too low.",
      environment: {
        ...calendar,
        ...attribution,
        ...urlsOf(this.queues),
        ...historyUrl,
      },
      sendsTo: [...Object.values(this.queues), history.queue],
    });
    new StreamWorker(this, "Stream", {
      config,
      alarms,
      environment: {
        ...calendar,
        ...attribution,
        ...urlsOf(this.queues),
        ...historyUrl,
        STREAM_RETRY_QUEUE_URL: retry.queue.queueUrl,
      },
      sendsTo: [...Object.values(this.queues), history.queue, retry.queue],
    });

    const feedback = new QueueWorker(this, "SesEvents", {
      ...common,
      name: "ses-events",
      impact: "Bounces or complaints were not noted: people may get mail that they must not get.",
      environment: {},
    });
    new Rule(this, "SesEventsRule", {
      ruleName: `${namesOf(config).prefix}-ses-events`,
      description: "What became of the mails of this stage's configuration set.",
      eventPattern: {
        source: ["aws.ses"],
        detail: { mail: { tags: { "ses:configuration-set": [configurationSet] } } },
      },
      targets: [new SqsQueue(feedback.queue, { deadLetterQueue: feedback.failures.queue })],
    });
  }
}
