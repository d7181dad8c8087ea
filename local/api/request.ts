import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { ApiRequest, HeaderMap } from "./event.ts";

/** Bytes of a request body that an HTTP API takes. */
const BODY_LIMIT = 10 * 1024 * 1024;

/** Only the local host knows this header: it lets one machine play callers of many addresses. */
const SOURCE_IP_HEADER = "x-local-source-ip";

/** Everything of a request but its body. */
export function receive(message: IncomingMessage, now: number): Omit<ApiRequest, "body"> {
  const { [SOURCE_IP_HEADER]: wantedIp, ...headers } = joinHeaders(message);
  const peer = (message.socket.remoteAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
  const sourceIp = wantedIp !== undefined && isIP(wantedIp) > 0 ? wantedIp : peer;
  return {
    method: message.method ?? "GET",
    target: message.url ?? "/",
    protocol: `HTTP/${message.httpVersion}`,
    headers: { "content-length": "0", ...headers, ...forwarding(headers, sourceIp, message.socket.localPort, now) },
    sourceIp,
    requestId: randomBytes(11).toString("base64"),
  };
}

/** Undefined when the body is larger than the gateway takes; it is read to its end, so that the caller sees the answer. */
export async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    size += chunk.length;
    if (size <= BODY_LIMIT) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > BODY_LIMIT ? undefined : Buffer.concat(chunks);
}

function joinHeaders(message: IncomingMessage): HeaderMap {
  return Object.fromEntries(
    Object.entries(message.headersDistinct).map(([name, values = []]) => [
      name,
      values.join(name === "cookie" ? "; " : ","),
    ]),
  );
}

/** What a request carries on the far side of API Gateway. */
function forwarding(headers: HeaderMap, sourceIp: string, port: number | undefined, now: number): HeaderMap {
  const before = headers["x-forwarded-for"];
  const seconds = Math.floor(now / 1_000).toString(16);
  return {
    "x-forwarded-for": before === undefined ? sourceIp : `${before}, ${sourceIp}`,
    "x-forwarded-port": String(port ?? 80),
    "x-forwarded-proto": "http",
    "x-amzn-trace-id": headers["x-amzn-trace-id"] ?? `Root=1-${seconds}-${randomBytes(12).toString("hex")}`,
  };
}
