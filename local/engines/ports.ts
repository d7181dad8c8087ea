import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { StartError } from "../start-error.ts";

export const host = "127.0.0.1";

export interface Ports {
  readonly control: number;
  readonly gateway: number;
  readonly dynamodb: number;
  readonly sqs: number;
  readonly mailbox: number;
  readonly signIn: number;
  /** One for each HTTP API, in template order. */
  readonly apis: readonly number[];
}

const offsets = { control: 0, gateway: 1, dynamodb: 2, sqs: 3, mailbox: 5, signIn: 6, apis: 10 } as const;

/** Ports that are free now: fixed places above the base, or any for tests. */
export async function choosePorts(base: number | "random", apiCount: number): Promise<Ports> {
  const ports = base === "random" ? await freePorts(6 + apiCount) : portsFrom(base, apiCount);
  if (base !== "random") await Promise.all(ports.map(checkFree));
  const [control = 0, gateway = 0, dynamodb = 0, sqs = 0, mailbox = 0, signIn = 0, ...apis] = ports;
  return { control, gateway, dynamodb, sqs, mailbox, signIn, apis };
}

function portsFrom(base: number, apiCount: number): number[] {
  const engines = [offsets.control, offsets.gateway, offsets.dynamodb, offsets.sqs, offsets.mailbox, offsets.signIn];
  const apis = Array.from({ length: apiCount }, (_, index) => offsets.apis + index);
  const ports = [...engines, ...apis].map((offset) => base + offset);
  const highest = Math.max(...ports);
  if (!Number.isInteger(base) || base < 1 || highest > 65_535) {
    throw new StartError(
      `The port base ${base} does not work: choose a whole number from 1024 to ${65_535 - highest + base}.`,
    );
  }
  return ports;
}

/** Below those that systems give to outgoing connections, one of which could take a port before it is listened on. */
const anyOf = { from: 10_000, to: 32_000 } as const;

/** Holds all of them at once, so that none is handed out twice. */
async function freePorts(amount: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: amount }, holdAny));
  await Promise.all(held.map(({ release }) => release()));
  return held.map(({ port }) => port);
}

const attempts = 50;

async function holdAny() {
  for (let attempt = 1; attempt < attempts; attempt++) {
    const taken = await hold(randomInt(anyOf.from, anyOf.to)).catch(() => undefined);
    if (taken !== undefined) return taken;
  }
  throw new StartError(`No free port was found from ${anyOf.from} to ${anyOf.to}.`);
}

async function checkFree(port: number): Promise<void> {
  try {
    const { release } = await hold(port);
    await release();
  } catch (cause) {
    throw new StartError(
      `Port ${port} is taken: stop what listens there, or move all ports with --port-base (for example --port-base ${port + 1000 - (port % 100)}).`,
      { cause },
    );
  }
}

function hold(port: number): Promise<{ port: number; release(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      const taken = address !== null && typeof address === "object" ? address.port : port;
      resolve({ port: taken, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
