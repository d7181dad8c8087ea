import { Agent, request } from "node:http";

/** Calls an engine (DynamoDB Local, fauxqs) as the host itself, past the gateway: no IAM, no metering, no faults. */
export interface EngineClient {
  /**
   * `target` is the value of `X-Amz-Target`, such as `DynamoDB_20120810.Scan` or `AmazonSQS.SendMessage`.
   * `onAnswer` is called when the answer begins to come.
   */
  call(target: string, body: object, onAnswer?: () => void): Promise<unknown>;
  /** Reads one of the engine's own inspection pages. */
  inspect(path: string): Promise<unknown>;
  close(): void;
}

export class EngineError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "EngineError";
    this.code = code;
  }
}

// The engines want an Authorization header in SigV4's form and check nothing but its region.
const authorization = (region: string): string =>
  `AWS4-HMAC-SHA256 Credential=local/20000101/${region}/local/aws4_request, SignedHeaders=host, Signature=0`;

export function createEngineClient(url: string, region = "us-east-1"): EngineClient {
  const agent = new Agent({ keepAlive: true });
  const common = { authorization: authorization(region), "x-amz-date": "20000101T000000Z" };
  return {
    async call(target, body, onAnswer) {
      const headers = { ...common, "content-type": "application/x-amz-json-1.0", "x-amz-target": target };
      return parse(await send(new URL("/", url), agent, "POST", headers, JSON.stringify(body), onAnswer));
    },
    async inspect(path) {
      return parse(await send(new URL(path, url), agent, "GET", common, ""));
    },
    close: () => agent.destroy(),
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function parse(answer: Answer): unknown {
  const value: unknown = answer.text === "" ? {} : JSON.parse(answer.text);
  if (answer.status < 300) return value;
  throw new EngineError(errorCode(value), `The engine answered ${answer.status}: ${answer.text.slice(0, 300)}`);
}

function errorCode(value: unknown): string {
  if (typeof value !== "object" || value === null || !("__type" in value)) return "Unknown";
  return String(value.__type).split("#").at(-1) ?? "Unknown";
}

function send(
  url: URL,
  agent: Agent,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  onAnswer: () => void = () => undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = Buffer.byteLength(body);
    const outgoing = request(url, { agent, method, headers: { ...headers, "content-length": length } }, (incoming) => {
      onAnswer();
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
