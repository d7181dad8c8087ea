import { requestPublic } from "../outbound/public-request.ts";
import { isCallable, isLocal } from "./endpoint.ts";
import type { SignedCall } from "./webhook.ts";

/** Calls an address and gives the status of its answer; what cannot be reached throws. */
export type Call = (url: string, call: SignedCall) => Promise<number>;

/** The address is one that is never called. */
export class CallRefused extends Error {
  override readonly name = "CallRefused";
}

/**
 * Calls endpoints: by HTTPS, at public addresses only (checked as the connection is made), without redirects, within ten
 * seconds. Nothing of an answer but its status is read.
 *
 * @param localReceivers lets endpoints on this machine be called, without TLS
 */
export function createCall(options: { readonly localReceivers: boolean; readonly timeoutMilliseconds?: number }): Call {
  const { timeoutMilliseconds = 10_000 } = options;
  return (address, { headers, body }) => {
    const url = URL.parse(address);
    if (url === null || !isCallable(url, options)) {
      return Promise.reject(new CallRefused("An endpoint is called by HTTPS and by its name."));
    }
    return new Promise((resolve, reject) => {
      const outgoing = requestPublic(url, {
        isLocal: isLocal(url, options),
        timeoutMilliseconds,
        method: "POST",
        headers: {
          ...headers,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(body),
        },
        agent: false,
      });
      outgoing
        .on("response", (response) => {
          resolve(response.statusCode ?? 0);
          response.destroy();
        })
        .on("error", reject)
        .end(body);
    });
  };
}
