import { type ClientRequest, request as plainRequest, type RequestOptions } from "node:http";
import { request as tlsRequest } from "node:https";
import { publicLookup } from "./public-address.ts";

/**
 * Begins a request to a partner's address: by TLS, and to no inner network, which is checked as the connection is made.
 * Redirects are not followed.
 *
 * @param isLocal the address is one of this machine, where a stage for development allows that: it is called without TLS
 */
export function requestPublic(
  url: URL,
  { isLocal, timeoutMilliseconds, headers, ...options }: RequestOptions & PublicRequest,
): ClientRequest {
  return (isLocal ? plainRequest : tlsRequest)(url, {
    ...options,
    headers: { ...headers, "user-agent": "Rapport" },
    signal: AbortSignal.timeout(timeoutMilliseconds),
    ...(!isLocal && { lookup: publicLookup }),
  });
}

interface PublicRequest {
  readonly isLocal: boolean;
  readonly timeoutMilliseconds: number;
  readonly headers: Readonly<Record<string, string | number>>;
}
