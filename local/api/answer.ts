import { validateHeaderName, validateHeaderValue } from "node:http";
import * as z from "zod";

/** What goes back to the caller. Header values are arrays where the header repeats. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: Buffer | string;
}

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const status = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{3}$/)
      .transform(Number),
  ])
  .pipe(z.int().min(100).max(599));

const isSendable = (name: string, value: string): boolean => {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
};

const proxyAnswer = z.object({
  statusCode: status,
  headers: z
    .record(z.string(), scalar)
    .refine((headers) => Object.entries(headers).every(([name, value]) => isSendable(name, value)))
    .nullish(),
  cookies: z.array(z.string().refine((cookie) => isSendable("set-cookie", cookie))).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Headers that belong to the connection: the gateway sets its own. */
const CONNECTION = new Set(["connection", "content-length", "transfer-encoding", "keep-alive", "upgrade"]);

/** An answer that the gateway itself gives. */
export function gatewayAnswer(statusCode: number, message: string, headers: Record<string, string> = {}): ApiAnswer {
  return {
    status: statusCode,
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ message }),
  };
}

export const internalServerError = (): ApiAnswer => gatewayAnswer(500, "Internal Server Error");

/** Reads what a function returned: the form with a statusCode, or any other value, which is the body of a 200. */
export function readAnswer(payload: unknown): ApiAnswer {
  if (!hasStatusCode(payload)) {
    const body = typeof payload === "string" ? payload : JSON.stringify(payload);
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }
  const parsed = proxyAnswer.safeParse(payload);
  if (!parsed.success) return internalServerError();
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  return {
    status: statusCode,
    headers: {
      "content-type": "text/plain;charset=UTF-8",
      ...ownHeaders(headers ?? {}),
      ...(cookies?.length ? { "set-cookie": cookies } : {}),
    },
    body: isBase64Encoded ? Buffer.from(body ?? "", "base64") : (body ?? ""),
  };
}

const hasStatusCode = (payload: unknown): payload is { statusCode: unknown } =>
  typeof payload === "object" && payload !== null && "statusCode" in payload;

function ownHeaders(headers: Record<string, string>): Record<string, string> {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries(lower.filter(([name]) => !CONNECTION.has(name)));
}
