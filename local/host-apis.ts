import { createLocalJWKSet } from "jose";
import { remoteKeys } from "./api/keys.ts";
import { startHttpApi } from "./api/server.ts";
import type { Assembly, HttpApiModel } from "./assembly/model.ts";
import type { Ports } from "./engines/ports.ts";
import type { FunctionPool } from "./functions/pool.ts";
import type { Gateway } from "./gateway/server.ts";
import type { Engines } from "./host-engines.ts";
import type { Clock } from "./interfaces.ts";

export interface ApiParts {
  readonly assembly: Assembly;
  readonly clock: Clock;
  readonly pool: FunctionPool;
  readonly gateway: Gateway;
  readonly engines: Engines;
  readonly ports: Ports;
}

/** Serves every HTTP API of the assembly; answers their addresses by name and by logical id. */
export async function startApis(parts: ApiParts, stack: AsyncDisposableStack): Promise<Record<string, string>> {
  const { assembly, clock, pool, gateway, engines, ports } = parts;
  const { signIn } = engines;
  // The host's own pool is asked directly, so that its keys are there at the first request.
  const jwks = (issuer: string) =>
    issuer === signIn?.issuer ? createLocalJWKSet({ keys: [...signIn.jwks.keys] }) : remoteKeys(issuer);
  const startOne = async (api: HttpApiModel, index: number) => {
    const { account } = assembly;
    const onRequest = gateway.meter.request;
    const port = ports.apis[index] ?? 0;
    const server = await startHttpApi({ api, invoker: pool, clock, port, account, jwks, logs: pool.logs, onRequest });
    stack.defer(() => server.close());
    return [
      [api.logicalId, server.url],
      [api.name, server.url],
    ];
  };
  return Object.fromEntries((await Promise.all(assembly.httpApis.map(startOne))).flat());
}
