import type { Capacity } from "./dynamodb/capacity.ts";

/** What was used, under one name: a function, a route or all together. Units are AWS's billing units. */
export interface Tally {
  /** `dynamodb:PutItem` → calls that reached the service. */
  calls: Record<string, number>;
  readUnits: number;
  writeUnits: number;
  /** `table` or `table/index/name` → its share of the units. */
  capacity: Record<string, { readUnits: number; writeUnits: number }>;
  /** SQS bills a request per 64 KB of payload. */
  sqsRequests: number;
  sesMessages: number;
  sesRecipients: number;
  bytesIn: number;
  bytesOut: number;
  invocations: number;
  coldStarts: number;
  durationMs: number;
  initMs: number;
  cpuMs: number;
  /** Memory times duration and init, in GB-seconds. */
  gbSeconds: number;
  logBytes: number;
  /** HTTP API bills a request per 512 KB. */
  httpRequests: number;
  httpBytes: number;
  /** HTTP status → answers. */
  statuses: Record<string, number>;
}

export interface MeterSnapshot {
  readonly functions: Readonly<Record<string, Tally>>;
  readonly routes: Readonly<Record<string, Tally>>;
  readonly totals: Tally;
}

/** Who is billed: the function, and the route it serves now. */
export interface Payer {
  readonly function: string;
  readonly route: string;
}

export interface Meter {
  call(payer: Payer, call: { readonly name: string; readonly bytesIn: number; readonly bytesOut: number }): void;
  capacity(payer: Payer, used: readonly Capacity[]): void;
  sqs(payer: Payer, payloadBytes: number): void;
  mail(payer: Payer, recipients: number): void;
  invocation(facts: {
    readonly function: string;
    readonly route: string;
    readonly durationMs: number;
    readonly cpuMs: number;
    readonly memoryMb: number;
    readonly coldStart: boolean;
    /** Start of the process and import of the bundle, at a cold start; billed too. */
    readonly initMs?: number;
  }): void;
  request(facts: {
    readonly api: string;
    readonly route: string;
    readonly status: number;
    readonly bytes: number;
    /** What the access log took in. */
    readonly logBytes?: number;
  }): void;
  logBytes(functionName: string, bytes: number): void;
  /** A copy as plain JSON. */
  snapshot(): MeterSnapshot;
  reset(): void;
}

export function createMeter(): Meter {
  let functions = new Map<string, Tally>();
  let routes = new Map<string, Tally>();
  let totals = emptyTally();

  /** Every fact counts three times: for its function, for its route and in the totals. */
  function each(payer: Partial<Payer>, add: (tally: Tally) => void): void {
    if (payer.function !== undefined) add(named(functions, payer.function));
    if (payer.route !== undefined) add(named(routes, payer.route));
    add(totals);
  }

  return {
    call: (payer, { name, bytesIn, bytesOut }) =>
      each(payer, (tally) => {
        tally.calls[name] = (tally.calls[name] ?? 0) + 1;
        tally.bytesIn += bytesIn;
        tally.bytesOut += bytesOut;
      }),
    capacity: (payer, used) =>
      each(payer, (tally) => {
        for (const part of used) addCapacity(tally, part);
      }),
    sqs: (payer, payloadBytes) => each(payer, (tally) => (tally.sqsRequests += chunks(payloadBytes, 64))),
    mail: (payer, recipients) =>
      each(payer, (tally) => {
        tally.sesMessages += 1;
        tally.sesRecipients += recipients;
      }),
    invocation: (facts) =>
      each(facts, (tally) => {
        tally.invocations += 1;
        tally.coldStarts += facts.coldStart ? 1 : 0;
        tally.durationMs += facts.durationMs;
        tally.cpuMs += facts.cpuMs;
        tally.initMs += facts.initMs ?? 0;
        tally.gbSeconds += (facts.memoryMb / 1024) * ((facts.durationMs + (facts.initMs ?? 0)) / 1000);
      }),
    request: (facts) =>
      each({ route: facts.route }, (tally) => {
        tally.httpRequests += chunks(facts.bytes, 512);
        tally.httpBytes += facts.bytes;
        tally.logBytes += facts.logBytes ?? 0;
        tally.statuses[facts.status] = (tally.statuses[facts.status] ?? 0) + 1;
      }),
    logBytes: (functionName, bytes) => each({ function: functionName }, (tally) => (tally.logBytes += bytes)),
    snapshot: () =>
      structuredClone({ functions: Object.fromEntries(functions), routes: Object.fromEntries(routes), totals }),
    reset() {
      functions = new Map();
      routes = new Map();
      totals = emptyTally();
    },
  };
}

function addCapacity(tally: Tally, { table, index, readUnits, writeUnits }: Capacity): void {
  const name = index === undefined ? table : `${table}/index/${index}`;
  const part = tally.capacity[name] ?? { readUnits: 0, writeUnits: 0 };
  part.readUnits += readUnits;
  part.writeUnits += writeUnits;
  tally.capacity[name] = part;
  tally.readUnits += readUnits;
  tally.writeUnits += writeUnits;
}

function chunks(bytes: number, kilobytes: number): number {
  return Math.max(1, Math.ceil(bytes / (kilobytes * 1024)));
}

function named(tallies: Map<string, Tally>, name: string): Tally {
  const known = tallies.get(name);
  if (known) return known;
  const tally = emptyTally();
  tallies.set(name, tally);
  return tally;
}

function emptyTally(): Tally {
  return {
    calls: {},
    readUnits: 0,
    writeUnits: 0,
    capacity: {},
    sqsRequests: 0,
    sesMessages: 0,
    sesRecipients: 0,
    bytesIn: 0,
    bytesOut: 0,
    invocations: 0,
    coldStarts: 0,
    durationMs: 0,
    initMs: 0,
    cpuMs: 0,
    gbSeconds: 0,
    logBytes: 0,
    httpRequests: 0,
    httpBytes: 0,
    statuses: {},
  };
}
