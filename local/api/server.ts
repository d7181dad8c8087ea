import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JWTVerifyGetKey } from "jose";
import type { HttpApiModel } from "../assembly/model.ts";
import type { LogStream } from "../functions/logs.ts";
import type { Clock, Invoker } from "../interfaces.ts";
import { type AccessRecord, accessLine, accessLogBytes } from "./access-log.ts";
import { type ApiAnswer, gatewayAnswer, internalServerError } from "./answer.ts";
import { createCors } from "./cors.ts";
import { type ApiRequest, splitTarget } from "./event.ts";
import { createHandler, type Handled } from "./handle.ts";
import { readBody, receive } from "./request.ts";

export interface HttpApiOptions {
  readonly api: HttpApiModel;
  readonly invoker: Invoker;
  readonly clock: Clock;
  /** 0 takes any free port. */
  readonly port: number;
  readonly account: string;
  /** The signing keys of an issuer. */
  readonly jwks: (issuer: string) => JWTVerifyGetKey;
  readonly logs?: Pick<LogStream, "append">;
  readonly onRequest?: (access: AccessRecord) => void;
  /** Real milliseconds that a function may take to answer; 30 seconds on AWS. */
  readonly integrationTimeoutMs?: number;
}

export interface HttpApi {
  readonly url: string;
  close(): Promise<void>;
}

const INTEGRATION_TIMEOUT_MS = 30_000;
/** Request line and headers together, as on AWS; Node answers 431 beyond. */
const HEADER_LIMIT_BYTES = 10_240;

/** Serves one HTTP API on 127.0.0.1 as API Gateway would. */
export async function startHttpApi(options: HttpApiOptions): Promise<HttpApi> {
  const respond = createResponder(options);
  const server = createServer({ maxHeaderSize: HEADER_LIMIT_BYTES }, (message, response) => {
    respond(message, response).catch(() => response.destroy());
  });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${portOf(server.address())}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function createResponder(
  options: HttpApiOptions,
): (message: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { api, clock, logs, onRequest } = options;
  const cors = createCors(api.cors);
  const handle = createHandler({ integrationTimeoutMs: INTEGRATION_TIMEOUT_MS, ...options });

  const decide = async (request: Omit<ApiRequest, "body">, body: Buffer | undefined): Promise<Handled> => {
    if (body === undefined) return { route: "-", answer: gatewayAnswer(413, "Request Entity Too Large") };
    try {
      return await handle({ ...request, body });
    } catch (error) {
      return { route: "-", answer: internalServerError(), error: String(error) };
    }
  };

  const answerTo = async (request: Omit<ApiRequest, "body">, body: Buffer | undefined): Promise<Handled> => {
    const { origin } = request.headers;
    if (origin !== undefined && cors.isPreflight(request.method, request.headers)) {
      return { route: "-", answer: cors.preflight(origin) };
    }
    const handled = await decide(request, body);
    return { ...handled, answer: cors.apply(handled.answer, origin) };
  };

  return async (message, response) => {
    const begun = performance.now();
    const request = receive(message, clock.now());
    const body = await readBody(message);
    const { answer, route, error } = await answerTo(request, body);
    const requestBytes = body?.length ?? 0;
    const responseBytes = write(response, answer, request.requestId);
    const facts = {
      api: api.name,
      requestId: request.requestId,
      sourceIp: request.sourceIp,
      method: request.method,
      path: splitTarget(request.target).path,
      route,
      status: answer.status,
      requestBytes,
      responseBytes,
      bytes: Math.max(requestBytes, responseBytes),
      durationMs: performance.now() - begun,
      ...(error === undefined ? {} : { error }),
    };
    const access: AccessRecord = { ...facts, logBytes: accessLogBytes(api.accessLogFormat, facts) };
    logs?.append(accessLine(access, clock.now()));
    onRequest?.(access);
  };
}

/** Sends an answer and returns the bytes of its body. */
function write(response: ServerResponse, answer: ApiAnswer, requestId: string): number {
  const body = Buffer.from(answer.body);
  const carriesBody = answer.status !== 204 && answer.status !== 304;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.setHeader("apigw-requestid", requestId);
  if (carriesBody) response.setHeader("content-length", body.length);
  response.writeHead(answer.status);
  response.end(carriesBody ? body : undefined);
  return carriesBody ? body.length : 0;
}

/** The address of a listening TCP server is always an object. */
const portOf = (address: AddressInfo | string | null): number =>
  typeof address === "object" && address !== null ? address.port : 0;
