import { join } from "node:path";
import { createTimeMachine, type TimeMachine } from "./advance.ts";
import type { Assembly } from "./assembly/model.ts";
import { listApis, readAssembly } from "./assembly/reader.ts";
import { createClock, type HostClock } from "./clock.ts";
import { startControl } from "./control/server.ts";
import { openDataDirectory } from "./data-directory.ts";
import { hostCredentials } from "./engines/host-credentials.ts";
import { host as address, choosePorts, type Ports } from "./engines/ports.ts";
import { openSecrets } from "./engines/secrets.ts";
import { createBus } from "./events/bus.ts";
import { createStreamChaos, type StreamChaos } from "./events/chaos.ts";
import { createTargets } from "./events/targets.ts";
import { createPool, type FunctionPool } from "./functions/pool.ts";
import { type Gateway, startGateway } from "./gateway/server.ts";
import { startApis } from "./host-apis.ts";
import { type Engines, startEngines } from "./host-engines.ts";
import { type EventMachinery, startEvents } from "./host-events.ts";
import type { Invoker } from "./interfaces.ts";
import { createMailbox, type Mailbox } from "./mail/mailbox.ts";
import { checkPlatformGrants } from "./platform-grants.ts";

export interface HostOptions {
  /** A cdk.out folder. */
  readonly assemblyDirectory: string;
  /** Where tables, queues, mails, keys, the clock and logs stay from start to start; all in memory when left out. */
  readonly dataDirectory?: string;
  /** First of the fixed ports, 4000 when left out; "random" for tests. */
  readonly portBase?: number | "random";
  /** Told of each step that is done. */
  readonly onProgress?: (step: string) => void;
}

export interface HostUrls {
  readonly control: string;
  readonly gateway: string;
  /** By name and by logical id. */
  readonly apis: Readonly<Record<string, string>>;
  readonly mailbox: string;
  readonly signIn?: string;
  readonly dynamodb: string;
  readonly sqs: string;
}

/** Everything that runs, for the control endpoint and for tests. */
export interface Running {
  readonly urls: HostUrls;
  readonly assembly: Assembly;
  readonly clock: HostClock;
  readonly engines: Engines;
  readonly gateway: Gateway;
  readonly pool: FunctionPool;
  readonly mailbox: Mailbox;
  readonly events: EventMachinery;
  readonly chaos: StreamChaos;
  readonly timeMachine: TimeMachine;
}

export interface Host extends Running {
  drain(timeoutMs?: number): Promise<void>;
  advance(ms: number, stepMs?: number): Promise<void>;
  /** Access token of a development user; undefined: no such user, or no user pool. */
  token(username: string): Promise<string | undefined>;
  close(): Promise<void>;
}

const defaults = { region: "us-east-1", account: "000000000000", portBase: 4000 } as const;

/** Runs a synthesized assembly. Throws a StartError, one sentence with its remedy, and leaves nothing running then. */
export async function startHost(options: HostOptions): Promise<Host> {
  await using starting = new AsyncDisposableStack();
  const running = await start(options, starting);
  const stack = starting.move();
  const { timeMachine, engines } = running;
  return {
    ...running,
    drain: timeMachine.drain,
    advance: timeMachine.advance,
    token: async (username) => engines.signIn?.token(username),
    close: () => stack.disposeAsync(),
  };
}

async function start(options: HostOptions, stack: AsyncDisposableStack): Promise<Running> {
  const { assemblyDirectory, onProgress = () => undefined } = options;
  const apiIds = listApis(assemblyDirectory);
  const ports = await choosePorts(options.portBase ?? defaults.portBase, apiIds.length);
  const assembly = read(assemblyDirectory, apiIds, ports);
  onProgress("assembly");

  const data = options.dataDirectory === undefined ? undefined : openDataDirectory(options.dataDirectory);
  if (data) stack.defer(() => data.release());
  const place = data === undefined ? {} : { directory: data.path };
  const clock = createClock(data?.clockOffsetMs);
  if (data) stack.defer(clock.onChange(data.keepClockOffset));
  stack.defer(clock.install());

  const engines = await startEngines({ assembly, ports, clock, onReady: onProgress, ...place }, stack);
  const dynamodbUrl = engines.dynamodb.url;
  const sqsUrl = engines.sqs.url;

  // Functions call the gateway, which tells the bus of mails, which calls functions: the pool closes the circle.
  const created = Promise.withResolvers<FunctionPool>();
  const invoker: Invoker = { invoke: async (...call) => (await created.promise).invoke(...call) };
  const log = (line: { level: string; source: string; message: string }) =>
    void created.promise.then(({ logs }) => logs.append({ ...line, kind: "host", time: new Date().toISOString() }));

  const { region, account, rules } = assembly;
  const targets = createTargets({ sqsUrl, region, invoker, log });
  const bus = createBus({ rules, region, account, clock, targets });
  const mailPlace = data === undefined ? {} : { directory: join(data.path, "mail") };
  const mailbox = createMailbox({ assembly, clock, bus, ...mailPlace });
  const gateway = await startGateway({
    assembly,
    engines: { dynamodb: dynamodbUrl, sqs: sqsUrl, ses: engines.ses.url },
    secrets: openSecrets(data?.path),
    clock,
    mail: mailbox,
    port: ports.gateway,
    hostCredentials,
  });
  stack.defer(() => gateway.close());
  checkPlatformGrants(assembly, gateway.authorize, (message) => log({ level: "warn", source: "host", message }));
  const logPlace = data === undefined ? {} : { logDirectory: join(data.path, "logs") };
  const pool = createPool({ assembly, gateway, clock, ...logPlace });
  stack.defer(() => pool.close());
  created.resolve(pool);
  stack.defer(() => mailbox.close());
  stack.defer(() => targets.close());
  onProgress("functions");

  const chaos = createStreamChaos();
  const shared = { assembly, dynamodbUrl, sqsUrl, invoker, clock, targets, chaos, log, ...place };
  const events = startEvents(shared, stack);
  gateway.onWrite(() => {
    for (const stream of events.streams) stream.poke();
  });
  const timeMachine = createTimeMachine({
    clock,
    drainables: { functions: pool, mail: mailbox, bus },
    sources: events.sources,
    scheduler: events.scheduler,
    ttl: events.expiry,
  });
  const apis = await startApis({ assembly, ports, clock, pool, gateway, engines }, stack);
  onProgress("events and APIs");

  const urls: HostUrls = {
    control: `http://${address}:${ports.control}`,
    gateway: gateway.url,
    apis,
    mailbox: engines.ses.url,
    ...(engines.signIn ? { signIn: engines.signIn.issuer } : {}),
    dynamodb: dynamodbUrl,
    sqs: sqsUrl,
  };
  const running = { urls, assembly, clock, engines, gateway, pool, mailbox, events, chaos, timeMachine };
  const control = await startControl(running, ports.control);
  stack.defer(() => control.close());
  return running;
}

function read(assemblyDirectory: string, apiIds: readonly string[], ports: Ports): Assembly {
  const apis = Object.fromEntries(apiIds.map((id, index) => [id, `http://${address}:${ports.apis[index]}`]));
  const urls = { sqs: `http://${address}:${ports.gateway}`, oidcIssuer: `http://${address}:${ports.signIn}`, apis };
  return readAssembly(assemblyDirectory, { region: defaults.region, account: defaults.account, urls });
}
