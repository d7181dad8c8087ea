import type { RuleTargetModel } from "../assembly/model.ts";
import type { Drainable, InvocationResult, Invoker } from "../interfaces.ts";
import { createEngineClient } from "./engine.ts";
import { backoffMs, type Log, messageOf, parseArn, pause } from "./source.ts";

export interface Delivery {
  /** The event, or the target's fixed input, as JSON. */
  readonly body: string;
  /** Labels the calls of the function in the meter. */
  readonly route: string;
  /** The rule or schedule that sends. */
  readonly senderArn: string;
}

/** Where rules and schedules send to: a queue, or a function by asynchronous invocation. */
export interface Targets extends Drainable {
  /** Resolves when the target has accepted: a queue holds the message, or the invocation has begun. */
  send(target: RuleTargetModel, delivery: Delivery): Promise<void>;
  close(): Promise<void>;
}

const RETRIES = 2;
const RETRY_MS = { first: 100, most: 1_000 } as const;
const MOST_THROTTLES = 100;

export function createTargets(options: {
  readonly sqsUrl: string;
  readonly region: string;
  readonly invoker: Invoker;
  readonly log: Log;
}): Targets {
  const engine = createEngineClient(options.sqsUrl, options.region);
  const pending = new Set<Promise<void>>();
  const stopping = new AbortController();
  let begun = 0;

  const enqueue = async (
    queueArn: string,
    body: string,
    attributes: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const { account, resource } = parseArn(queueArn);
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
    );
    const QueueUrl = `${options.sqsUrl}/${account}/${resource}`;
    await engine.call("AmazonSQS.SendMessage", { QueueUrl, MessageBody: body, MessageAttributes });
  };

  const giveUp = async (target: RuleTargetModel, delivery: Delivery, code: string, message: string): Promise<void> => {
    options.log({ level: "error", source: delivery.senderArn, message: `${target.arn} failed: ${code}: ${message}` });
    if (target.deadLetterArn === undefined) return;
    await enqueue(target.deadLetterArn, delivery.body, {
      RULE_ARN: delivery.senderArn,
      TARGET_ARN: target.arn,
      ERROR_CODE: code,
      ERROR_MESSAGE: message.slice(0, 1024) || code,
    });
  };

  // Lambda retries an asynchronous invocation twice, after one and two minutes; here the waits are fractions of a second.
  const invoke = async (target: RuleTargetModel, delivery: Delivery): Promise<void> => {
    const name = parseArn(target.arn).resource.split(":")[1] ?? "";
    const event: unknown = JSON.parse(delivery.body);
    let last: InvocationResult["error"];
    for (let failures = 0, throttles = 0; failures <= RETRIES && throttles < MOST_THROTTLES; ) {
      last = (await options.invoker.invoke(name, event, { route: delivery.route })).error;
      if (!last) return;
      if (last.kind === "throttle") throttles += 1;
      else failures += 1;
      if (stopping.signal.aborted) break;
      if (failures <= RETRIES) {
        await pause(backoffMs(failures + throttles, RETRY_MS.first, RETRY_MS.most), stopping.signal);
      }
    }
    await giveUp(target, delivery, last?.type ?? "Unknown", last?.message ?? "");
  };

  const track = (work: Promise<void>, delivery: Delivery): void => {
    begun += 1;
    const tracked: Promise<void> = work
      .catch((error: unknown) => options.log({ level: "error", source: delivery.senderArn, message: messageOf(error) }))
      .finally(() => pending.delete(tracked));
    pending.add(tracked);
  };

  return {
    async send(target, delivery) {
      if (parseArn(target.arn).service === "lambda") return track(invoke(target, delivery), delivery);
      begun += 1;
      await enqueue(target.arn, delivery.body, {}).catch((error: unknown) =>
        giveUp(target, delivery, "SDK_CLIENT_ERROR", messageOf(error)),
      );
    },
    idle: async () => pending.size === 0,
    busyWith: () => `${pending.size} asynchronous invocation(s) of rules and schedules`,
    activity: () => begun,
    async close() {
      stopping.abort();
      await Promise.all(pending);
      engine.close();
    },
  };
}
