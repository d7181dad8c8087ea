import { join } from "node:path";
import type { Assembly } from "./assembly/model.ts";
import { type DynamoDbEngine, startDynamoDb } from "./engines/dynamodb.ts";
import { type SignInEngine, startOidc } from "./engines/oidc.ts";
import type { Ports } from "./engines/ports.ts";
import { type SesEngine, startSes } from "./engines/ses.ts";
import { type SqsEngine, startSqs } from "./engines/sqs.ts";
import { createTables } from "./engines/tables.ts";
import type { Clock } from "./interfaces.ts";

export interface Engines {
  readonly dynamodb: DynamoDbEngine;
  readonly sqs: SqsEngine;
  readonly ses: SesEngine;
  /** Only where the assembly has a user pool. */
  readonly signIn?: SignInEngine;
}

export interface EngineOptions {
  readonly assembly: Assembly;
  readonly ports: Ports;
  readonly clock: Clock;
  /** In memory when left out. */
  readonly directory?: string;
  /** Reports an engine that is ready. */
  readonly onReady: (name: string) => void;
}

/** Starts all engines at once. If one fails, those that came up are closed again with the stack. */
export async function startEngines(options: EngineOptions, stack: AsyncDisposableStack): Promise<Engines> {
  const { assembly, ports, clock, directory, onReady } = options;
  const place = (name: string) => (directory === undefined ? {} : { dataDirectory: join(directory, name) });
  const keep = async <Engine extends { close(): Promise<void> }>(name: string, starting: Promise<Engine>) => {
    const engine = await starting;
    stack.defer(() => engine.close());
    onReady(name);
    return engine;
  };
  const dynamodb = async () => {
    const engine = await keep("DynamoDB", startDynamoDb({ port: ports.dynamodb, ...place("dynamodb") }));
    await createTables(engine.url, assembly.region, assembly.tables);
    onReady("tables");
    return engine;
  };
  const { region, queues } = assembly;
  const pool = assembly.userPools[0];
  const starting = {
    dynamodb: dynamodb(),
    sqs: keep("SQS", startSqs({ port: ports.sqs, region, queues, ...place("queues") })),
    ses: keep("SES", startSes({ port: ports.mailbox })),
    signIn: pool && keep("sign-in", startOidc({ port: ports.signIn, pool, clock, ...place("sign-in") })),
  };
  if (pool === undefined) onReady("no sign-in");
  // All have to settle before anything may be closed.
  await Promise.allSettled(Object.values(starting));
  const signIn = await starting.signIn;
  return {
    dynamodb: await starting.dynamodb,
    sqs: await starting.sqs,
    ses: await starting.ses,
    ...(signIn ? { signIn } : {}),
  };
}
