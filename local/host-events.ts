import type { Assembly } from "./assembly/model.ts";
import type { StreamChaos } from "./events/chaos.ts";
import { createExpiry, type Expiry } from "./events/expiry.ts";
import { startQueueSource } from "./events/queue.ts";
import { createScheduler, type Scheduler } from "./events/schedules.ts";
import type { EventSource, Log } from "./events/source.ts";
import { type StreamSource, startStreamSource } from "./events/stream.ts";
import type { Targets } from "./events/targets.ts";
import type { Clock, Invoker } from "./interfaces.ts";
import { StartError } from "./start-error.ts";

export interface EventMachinery {
  readonly streams: readonly StreamSource[];
  readonly sources: readonly EventSource[];
  readonly scheduler: Scheduler;
  readonly expiry: Expiry;
}

export interface EventOptions {
  readonly assembly: Assembly;
  readonly dynamodbUrl: string;
  readonly sqsUrl: string;
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly targets: Targets;
  readonly chaos: StreamChaos;
  readonly log: Log;
  readonly directory?: string;
}

/** Starts what feeds functions without a request: streams, queues and schedules. */
export function startEvents(options: EventOptions, stack: AsyncDisposableStack): EventMachinery {
  const { assembly, dynamodbUrl, sqsUrl, invoker, clock, log } = options;
  const expiry = createExpiry({ tables: assembly.tables, dynamodbUrl, clock, log });
  stack.defer(() => expiry.close());
  const keep = <Source extends EventSource>(source: Source): Source => {
    stack.defer(() => source.close());
    return source;
  };
  const streams = assembly.eventSources.flatMap((source) => {
    if (source.kind !== "stream") return [];
    const table = find(assembly.tables, (it) => it.streamArn === source.sourceArn, source.sourceArn);
    const { chaos, directory } = options;
    const place = directory === undefined ? {} : { dataDirectory: directory };
    const common = { source, table, dynamodbUrl, sqsUrl, invoker, clock, chaos, log, isExpiry: expiry.isExpiry };
    return [keep(startStreamSource({ ...common, ...place }))];
  });
  const queues = assembly.eventSources.flatMap((source) => {
    if (source.kind !== "queue") return [];
    const queue = find(assembly.queues, (it) => it.arn === source.sourceArn, source.sourceArn);
    return [keep(startQueueSource({ source, queue, sqsUrl, invoker, log }))];
  });
  const { region, account, schedules, rules } = assembly;
  const deliver = options.targets.send;
  const scheduler = createScheduler({ schedules, rules, region, account, clock, deliver, log });
  stack.defer(() => scheduler.close());
  return { streams, sources: [...streams, ...queues], scheduler, expiry };
}

function find<Model>(models: readonly Model[], matches: (model: Model) => boolean, arn: string): Model {
  const model = models.find(matches);
  if (model === undefined)
    throw new StartError(`The event source ${arn} is not part of the assembly; synthesize all stacks.`);
  return model;
}
