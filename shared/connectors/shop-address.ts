import { DomainError } from "../errors.ts";
import { isNumeric } from "../outbound/public-address.ts";
import { type ConnectorName, connectors } from "./connectors.ts";
import type { SourceRequest } from "./source.ts";

/**
 * Where a shop's API is, as we keep it: without a slash at its end.
 *
 * @param localShops admits a shop on this machine, without TLS
 * @throws DomainError invalid_input for an address or a key that cannot be one of such a shop
 */
export function shopAddress(
  connector: ConnectorName,
  { address, key }: NonNullable<SourceRequest["api"]>,
  { localShops }: { readonly localShops: boolean },
): string {
  const { title, api } = connectors[connector];
  if (api === undefined) throw refusal("/api", `${title} sells nothing itself: there are no orders to read`);
  if (!api.isKey(key)) throw refusal("/api/key", `a key of ${title} is ${api.keyHint}`);
  const url = URL.parse(address);
  const isLocal = localShops && url?.protocol === "http:" && url.hostname === "127.0.0.1";
  const isPublic = url?.protocol === "https:" && url.port === "" && !isNumeric(url) && api.isHost(url.hostname);
  if (url === null || !(isLocal || isPublic) || url.username !== "" || url.search !== "" || url.hash !== "") {
    throw refusal("/api/address", `an address of ${title} is ${api.addressHint}, by HTTPS and by name`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function refusal(pointer: string, message: string): DomainError {
  return new DomainError("invalid_input", `The shop was not connected: ${message}.`, {
    errors: [{ pointer, message, code: "invalid_api" }],
  });
}
