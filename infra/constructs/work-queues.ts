import type { IQueue } from "aws-cdk-lib/aws-sqs";

/** The variables by which functions know the queues of work that stages and due items ask for. */
const variables = [
  "WEBHOOKS_OUT_QUEUE_URL",
  "MAIL_QUEUE_URL",
  "JOURNEYS_QUEUE_URL",
  "SEGMENTS_QUEUE_URL",
  "CONNECTORS_QUEUE_URL",
  "BROADCASTS_QUEUE_URL",
  "ERASURES_QUEUE_URL",
] as const;
type Variable = (typeof variables)[number];

/** These queues, each under its variable. */
export type WorkQueues = Readonly<Record<Variable, IQueue>>;

/** The environment of a function that sends to all of them. */
export function urlsOf(queues: WorkQueues): Record<Variable, string> {
  return Object.fromEntries(variables.map((variable) => [variable, queues[variable].queueUrl])) as Record<
    Variable,
    string
  >;
}
