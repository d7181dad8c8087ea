import {
  createLocalJWKSet,
  exportJWK,
  generateKeyPair,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from "jose";
import { afterEach } from "vitest";
import type { AccessRecord } from "../../../../local/api/access-log.ts";
import { type HttpApiOptions, startHttpApi } from "../../../../local/api/server.ts";
import type { HttpApiModel, RouteModel } from "../../../../local/assembly/model.ts";
import type { Clock, InvocationResult } from "../../../../local/interfaces.ts";

export const NOW = Date.UTC(2026, 10, 22, 6, 30);

export interface Call {
  readonly functionName: string;
  readonly route: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of any shape
  readonly event: any;
}

export const routeOf = (routeKey: string, overrides: Partial<RouteModel> = {}): RouteModel => ({
  routeKey,
  functionName: `serves ${routeKey}`,
  scopes: [],
  ...overrides,
});

export const answerOf = (payload: unknown): InvocationResult => ({
  payload,
  durationMs: 1,
  cpuMs: 1,
  coldStart: false,
});

export const failureOf = (kind: "handled" | "timeout" | "crash" | "throttle", type = "Error"): InvocationResult => ({
  error: { kind, type, message: "secret detail" },
  durationMs: 1,
  cpuMs: 0,
  coldStart: false,
});

export function movableClock(start = NOW): Clock & { advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    offset: () => 0,
    onChange: () => () => undefined,
    advance: (ms) => {
      now += ms;
    },
  };
}

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((api) => api.close()));
});

/** A running HTTP API whose functions answer by `respond`; without it they say which function served. */
export async function startApi(
  api: Partial<HttpApiModel>,
  options: { respond?: (call: Call) => InvocationResult | Promise<InvocationResult> } & Partial<HttpApiOptions> = {},
) {
  const calls: Call[] = [];
  const accesses: AccessRecord[] = [];
  const { respond = ({ functionName }) => answerOf(functionName), ...rest } = options;
  const server = await startHttpApi({
    api: { id: "api1", name: "public", logicalId: "Api", routes: [], ...api },
    invoker: {
      invoke: async (functionName, event, { route }) => {
        calls.push({ functionName, route, event });
        return respond({ functionName, route, event });
      },
    },
    clock: movableClock(),
    port: 0,
    account: "000000000000",
    jwks: () => () => Promise.reject(new Error("no issuer")),
    onRequest: (access) => void accesses.push(access),
    ...rest,
  });
  open.push(server);
  return {
    calls,
    accesses,
    url: server.url,
    send: (path: string, init?: RequestInit) => fetch(server.url + path, init),
  };
}

export const ISSUER = "http://127.0.0.1:4006";

/** An issuer with one RSA key and one EC key. */
export async function createIssuer() {
  const rsa = await generateKeyPair("RS256");
  const other = await generateKeyPair("RS256");
  const ec = await generateKeyPair("ES256");
  const keys = [
    { ...(await exportJWK(rsa.publicKey)), kid: "rsa", alg: "RS256" },
    { ...(await exportJWK(ec.publicKey)), kid: "ec", alg: "ES256" },
  ];
  const privateKeys = { rsa: rsa.privateKey, other: other.privateKey, ec: ec.privateKey };
  const sign = (
    claims: JWTPayload,
    header: Partial<JWTHeaderParameters> = {},
    key: keyof typeof privateKeys = "rsa",
  ): Promise<string> =>
    new SignJWT({ iss: ISSUER, client_id: "console", exp: NOW / 1_000 + 60, iat: NOW / 1_000, ...claims })
      .setProtectedHeader({ alg: "RS256", kid: "rsa", ...header })
      .sign(privateKeys[key]);
  return { keys, sign, jwks: () => createLocalJWKSet({ keys }) };
}
