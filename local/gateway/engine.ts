import { Agent, request } from "node:http";
import type { EngineName } from "./call.ts";

export interface EngineAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Engine {
  send(headers: Readonly<Record<string, string>>, body: string | Buffer): Promise<EngineAnswer>;
  close(): void;
}

/** Headers of a call that matter to an engine; the rest, the signature above all, stays at the gateway. */
const KEPT_HEADERS = ["content-type", "x-amz-target", "x-amz-date", "accept"] as const;

/**
 * Keep-alive connections to one engine. Calls go out under the host's access key: DynamoDB Local keeps a separate
 * database per access key, and no engine checks signatures.
 */
export function createEngine(
  service: EngineName,
  url: string,
  options: { accessKeyId: string; region: string },
): Engine {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: "lifo" });
  const authorization = `AWS4-HMAC-SHA256 Credential=${options.accessKeyId}/20260101/${options.region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;

  function attempt(headers: Record<string, string>, body: string | Buffer): Promise<EngineAnswer> {
    return new Promise((resolve, reject) => {
      const outgoing = request({ agent, hostname, port, method: "POST", path: "/", headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 500,
            headers: flatten(response.headers),
            body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks),
          }),
        );
      });
      outgoing.on("error", (error: NodeJS.ErrnoException) => {
        // The engine closed an idle connection just as it was taken again; it has not seen this call.
        if (outgoing.reusedSocket && error.code === "ECONNRESET") attempt(headers, body).then(resolve, reject);
        else reject(error);
      });
      outgoing.end(body);
    });
  }

  return {
    send(incoming, body) {
      const headers: Record<string, string> = { authorization, "content-length": String(Buffer.byteLength(body)) };
      for (const name of KEPT_HEADERS) {
        const value = incoming[name];
        if (value !== undefined) headers[name] = value;
      }
      return attempt(headers, body);
    },
    close: () => agent.destroy(),
  };
}

export function flatten(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}
