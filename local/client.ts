import type { AppliedFault, Fault } from "./gateway/faults.ts";
import type { MeterSnapshot } from "./gateway/meter.ts";
import type { MailSummary } from "./mail/mailbox.ts";

/** What the control endpoint tells of a running host. */
export interface HostState {
  /** Values of the templates' outputs, such as the URLs of the APIs. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly urls: Readonly<Record<string, string>>;
  readonly clock: { readonly now: string };
  readonly functions: readonly { readonly name: string }[];
  readonly tables: readonly string[];
  readonly queues: readonly {
    readonly name: string;
    readonly visible: number;
    readonly inFlight: number;
    readonly delayed: number;
    readonly deadLetterQueue: boolean;
  }[];
}

/** Drives a running host through its control endpoint: for scripts, tests and benches. */
export interface HostClient {
  readonly url: string;
  state(): Promise<HostState>;
  /** An access token of a development user, who has the role of that name. */
  token(user: string): Promise<string>;
  /** Lets everything under way come to rest. */
  drain(timeout?: string): Promise<void>;
  advance(by: string, step?: string): Promise<void>;
  meter(): Promise<MeterSnapshot>;
  resetMeter(): Promise<void>;
  setFaults(faults: readonly Fault[]): Promise<void>;
  faults(): Promise<{
    readonly applied: readonly AppliedFault[];
    readonly calls: Readonly<Record<string, Readonly<Record<string, number>>>>;
  }>;
  setStreams(chaos: {
    readonly duplicate?: boolean;
    readonly shuffle?: boolean;
    readonly seed?: number;
  }): Promise<void>;
  /** Switches the queues that feed a function on or off. */
  setSource(functionName: string, enabled: boolean): Promise<void>;
  /** Hands every stream batch so far to its function once more. */
  replayStreams(): Promise<void>;
  mails(): Promise<readonly MailSummary[]>;
  rawMail(id: string): Promise<string>;
  mailEvent(id: string, event: "open" | "click" | "bounce" | "complaint", body?: unknown): Promise<void>;
  /** Sets SES's limits, in recipients. */
  setMailQuota(quota: { readonly maxSendRate?: number; readonly daily?: number }): Promise<void>;
  invoke(functionName: string, event: unknown): Promise<unknown>;
  get(path: string): Promise<unknown>;
}

/** Connects to the host whose control endpoint is at `url`; by default, where `npm start` puts it. */
export function connectToHost(url = "http://127.0.0.1:4000"): HostClient {
  const base = `${url.replace(/\/$/, "")}/_local`;

  async function call(path: string, init?: RequestInit): Promise<Response> {
    const response = await fetch(`${base}${path}`, init).catch((cause: unknown) => {
      throw new Error(`No host answers at ${url}. Start it with: npm start`, { cause });
    });
    if (!response.ok)
      throw new Error(`${init?.method ?? "GET"} ${path} answered ${response.status}: ${await response.text()}`);
    return response;
  }
  const json = async <Answer>(path: string): Promise<Answer> => (await (await call(path)).json()) as Answer;
  async function send(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Response> {
    const content =
      body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    return call(path, { method, ...content });
  }

  return {
    url,
    state: () => json("/state"),
    token: async (user) => (await json<{ token: string }>(`/token?user=${encodeURIComponent(user)}`)).token,
    drain: async (timeout) => void (await send("POST", "/drain", timeout === undefined ? undefined : { timeout })),
    advance: async (by, step) =>
      void (await send("POST", "/clock", { advance: by, ...(step !== undefined && { step }) })),
    meter: () => json("/meter"),
    resetMeter: async () => void (await send("DELETE", "/meter")),
    setFaults: async (faults) => void (await send("PUT", "/faults", faults)),
    faults: () => json("/faults"),
    setStreams: async (chaos) => void (await send("PUT", "/streams", chaos)),
    setSource: async (functionName, enabled) =>
      void (await send("PUT", "/sources", { function: functionName, enabled })),
    replayStreams: async () => void (await send("POST", "/streams/replay")),
    mails: () => json("/mail"),
    rawMail: async (id) => (await call(`/mail/${encodeURIComponent(id)}`)).text(),
    mailEvent: async (id, event, body) => void (await send("POST", `/mail/${encodeURIComponent(id)}/${event}`, body)),
    setMailQuota: async (quota) => void (await send("PUT", "/mail/quota", quota)),
    invoke: async (functionName, event) => (await send("POST", "/invoke", { function: functionName, event })).json(),
    get: (path) => json(path),
  };
}
