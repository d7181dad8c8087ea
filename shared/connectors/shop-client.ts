import type { IncomingMessage } from "node:http";
import { DomainError } from "../errors.ts";
import { InnerAddress, isNumeric } from "../outbound/public-address.ts";
import { requestPublic } from "../outbound/public-request.ts";
import { parseExactJson } from "./exact-json.ts";
import { ShopBusy, ShopRefusal } from "./shop-error.ts";

/** A call of a shop's API. */
export interface ShopRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** With a body it is a POST of JSON, else a GET. */
  readonly body?: unknown;
}

/** Asks a shop; integers beyond 2^53 come as text. */
export type AskShop = (request: ShopRequest) => Promise<unknown>;

const timeoutMilliseconds = 20_000;
const largestAnswer = 16 * 1_048_576;

/**
 * Speaks to shops' APIs: HTTPS, to public addresses only (checked as the connection is made), without redirects, within
 * a time and a size.
 *
 * @param localShops lets shops on this machine be spoken to, without TLS
 */
export function createShopClient({ localShops }: { readonly localShops: boolean }): AskShop {
  return async (request) => {
    const url = new URL(request.url);
    const isLocal = localShops && url.hostname === "127.0.0.1";
    if (!isLocal && (url.protocol !== "https:" || isNumeric(url))) {
      throw new ShopRefusal("A shop is spoken to by HTTPS and by its name.");
    }
    const { response, body } = await exchange(url, request, isLocal).catch((cause: unknown) => {
      if (cause instanceof ShopRefusal) throw cause;
      if (cause instanceof InnerAddress) throw new ShopRefusal("The shop's name leads to an inner network.");
      throw new ShopBusy("The shop could not be reached, or its answer was cut off.", { cause });
    });
    requireAnswer(response);
    try {
      return parseExactJson(body);
    } catch (cause) {
      if (!(cause instanceof DomainError)) throw cause;
      throw new ShopBusy("The shop's answer is not JSON.", { cause });
    }
  };
}

async function exchange(url: URL, { headers, body }: ShopRequest, isLocal: boolean) {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = requestPublic(url, {
      isLocal,
      timeoutMilliseconds,
      method: text === undefined ? "GET" : "POST",
      headers: {
        ...headers,
        accept: "application/json",
        ...(text !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
      },
    });
    outgoing.on("response", resolve).on("error", reject).end(text);
  });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > largestAnswer) throw new ShopRefusal("The shop's answer is larger than 16 MB.");
    chunks.push(chunk);
  }
  return { response, body: Buffer.concat(chunks) };
}

function requireAnswer({ statusCode = 0, headers }: IncomingMessage): void {
  if (statusCode >= 200 && statusCode < 300) return;
  if (statusCode === 408 || statusCode === 429 || statusCode >= 500) {
    const retryAfterSeconds = secondsOf(headers["retry-after"]);
    throw new ShopBusy(`The shop answers ${statusCode}.`, { retryAfterSeconds });
  }
  if (statusCode >= 300 && statusCode < 400) {
    throw new ShopRefusal("The shop sends us on to another address: connect it by that one.");
  }
  if (statusCode === 401 || statusCode === 403) {
    throw new ShopRefusal(
      `The shop refuses the key (${statusCode}): give it one with the rights that the guide names.`,
    );
  }
  throw new ShopRefusal(`The shop refuses the call (${statusCode}): check its address.`);
}

/** Shopify says `2.0`; a date, which HTTP allows as well, counts as not said. */
function secondsOf(header: string | undefined): number | undefined {
  const seconds = Number(header);
  return header !== undefined && Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds) : undefined;
}
