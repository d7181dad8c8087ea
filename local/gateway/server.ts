import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Assembly, FunctionModel } from "../assembly/model.ts";
import type { SecretsEngine } from "../engines/secrets.ts";
import type { Clock, Credentials } from "../interfaces.ts";
import type { Mailbox } from "../mail/mailbox.ts";
import type { Denial, Grant } from "./access/policy.ts";
import { type Answer, type Call, type EngineName, Refusal, type Service, type ServiceName } from "./call.ts";
import { dynamodbService } from "./dynamodb/service.ts";
import { createEngine, type Engine, flatten } from "./engine.ts";
import { accessDenied, conflict, errorAnswer, internalError, throttled, unknownClient } from "./errors.ts";
import { createFaults, type FaultKind, type Faults } from "./faults.ts";
import { bodyOf, listen, send } from "./http.ts";
import { actionOf, identify } from "./identify.ts";
import { listOf, parseObject } from "./json.ts";
import { createMeter, type Meter } from "./meter.ts";
import { secretsManagerService } from "./secretsmanager/service.ts";
import { sesService } from "./ses/service.ts";
import { createSessions, type Session } from "./sessions.ts";
import { sqsService } from "./sqs/service.ts";

/** A call that a function's role does not allow. */
export interface DeniedCall {
  readonly function: string;
  readonly route: string;
  readonly action: string;
  readonly resource: string;
  readonly leadingKeys?: readonly string[];
  /** On the host's clock. */
  readonly at: number;
}

export interface Gateway {
  /** What `AWS_ENDPOINT_URL_*` of functions, and the queue URLs they see, point to. */
  readonly url: string;
  /** Credentials for one process of the function. */
  issue(fn: FunctionModel): Credentials;
  revoke(accessKeyId: string): void;
  /** The process serves this invocation now. */
  begin(accessKeyId: string, context: { readonly route: string; readonly requestId: string }): void;
  end(accessKeyId: string): void;
  /** A crash fault asks for that process to be killed at once. */
  onCrash(listener: (accessKeyId: string) => void): void;
  /** Told of each write to a table once it is done. */
  onWrite(listener: () => void): void;
  /** Whether the function's role allows an action that the platform takes for it (polling an event source); counts as a grant used. */
  authorize(functionName: string, action: string, resource: string): boolean;
  readonly meter: Meter;
  readonly faults: Faults;
  denied(): readonly DeniedCall[];
  /** Per function, each statement of its role with the calls that each of its actions allowed. */
  grants(): Readonly<Record<string, readonly Grant[]>>;
  close(): Promise<void>;
}

export interface GatewayOptions {
  readonly assembly: Assembly;
  readonly engines: Readonly<Record<EngineName, string>>;
  readonly secrets: SecretsEngine;
  readonly clock: Clock;
  readonly mail: Mailbox;
  /** A free port when left out. */
  readonly port?: number;
  /** Calls under these skip authorisation, meter and faults. */
  readonly hostCredentials: Credentials;
}

/** Starts the gateway. Rejects with PolicyError when a role has a policy that cannot be evaluated. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { assembly, clock, hostCredentials } = options;
  const sessions = createSessions(assembly);
  const meter = createMeter();
  const faults = createFaults();
  const denied: DeniedCall[] = [];
  const crashListeners: ((accessKeyId: string) => void)[] = [];
  const writeListeners: (() => void)[] = [];
  const engine = (name: EngineName) =>
    createEngine(name, options.engines[name], { accessKeyId: hostCredentials.accessKeyId, region: assembly.region });
  const engines: Record<EngineName, Engine> = { dynamodb: engine("dynamodb"), sqs: engine("sqs"), ses: engine("ses") };
  const services: Record<ServiceName, Service> = {
    dynamodb: dynamodbService({ assembly, engine: engines.dynamodb, meter }),
    sqs: sqsService({ assembly, engine: engines.sqs, meter }),
    ses: sesService({ assembly, engine: engines.ses, meter, mail: options.mail }),
    secretsmanager: secretsManagerService({ assembly, secrets: options.secrets, clock }),
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = flatten(request.headers);
    const body = await bodyOf(request);
    const identity = identify(headers);
    if (!identity) return send(response, errorAnswer("dynamodb", MISSING_TOKEN));
    const { service, accessKeyId = "" } = identity;
    const session = sessions.find(accessKeyId);
    if (session)
      return serve(
        session,
        { service, action: actionOf(headers, body), body, headers, payer: session.payer },
        response,
      );
    // The host itself has no business with secrets, which have no engine behind the gateway.
    if (accessKeyId !== hostCredentials.accessKeyId || service === "secretsmanager")
      return send(response, errorAnswer(service, unknownClient(service)));
    const { status, headers: sent, body: content } = await engines[service].send(headers, body);
    const { "content-length": _, "transfer-encoding": __, connection: ___, ...kept } = sent;
    send(response, { status, headers: kept, body: content });
  }

  /** Authorisation first, then faults, then the effect, then the meter. */
  async function serve(session: Session, call: Call, response: ServerResponse): Promise<void> {
    try {
      const prepared = await services[call.service].prepare(call);
      const refused = session.policy.decide(prepared.accesses);
      if (refused) return send(response, deny(session, call, refused));
      const fault = faults.strike({ function: call.payer.function, service: call.service, action: call.action });
      if (fault && !fault.endsWith("After")) return strikeBefore(fault, session, call, response);
      const answer = await prepared.perform();
      if (WRITING.test(call.action)) for (const listener of writeListeners) listener();
      const bytesOut = Buffer.byteLength(answer.body);
      meter.call(call.payer, { name: `${call.service}:${call.action}`, bytesIn: call.body.length, bytesOut });
      if (fault === "timeoutAfter") return void response.destroy();
      if (fault === "crashAfter") return crash(session);
      send(response, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, error.answer);
    }
  }

  function deny(session: Session, call: Call, refused: Denial): Answer {
    const { access, because } = refused;
    const leadingKeys = access.context("dynamodb:leadingkeys");
    const { action, resource } = access;
    denied.push({ ...call.payer, action, resource, ...(leadingKeys ? { leadingKeys } : {}), at: clock.now() });
    const denial = { user: session.user, action, resource, explicit: because === "explicit deny" };
    return errorAnswer(call.service, accessDenied(call.service, denial));
  }

  function strikeBefore(fault: FaultKind, session: Session, call: Call, response: ServerResponse): void {
    if (fault === "timeoutBefore") response.destroy();
    else if (fault === "crashBefore") crash(session);
    else send(response, errorAnswer(call.service, faultError(fault, call)));
  }

  /** The call is never answered: its process is about to die, and its connection with it. */
  function crash({ accessKeyId }: Session): void {
    for (const listener of crashListeners) listener(accessKeyId);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return void response.destroy();
      const service = identify(flatten(request.headers))?.service ?? "dynamodb";
      const message = `The local engine of ${service} did not answer: ${String(error)}`;
      send(response, errorAnswer(service, { ...internalError(service), message }));
    });
  });
  // An idle connection that closes just as the SDK takes it again would look like a time-out after the effect.
  server.keepAliveTimeout = 0;
  const url = await listen(server, options.port ?? 0);

  return {
    url,
    issue: sessions.issue,
    revoke: sessions.revoke,
    begin: (accessKeyId, { route }) => sessions.begin(accessKeyId, route),
    end: sessions.end,
    onCrash: (listener) => void crashListeners.push(listener),
    onWrite: (listener) => void writeListeners.push(listener),
    authorize: (functionName, action, resource) =>
      sessions.policyOf(functionName)?.decide([{ action, resource, context: () => undefined }]) === undefined,
    meter,
    faults,
    denied: () => [...denied],
    grants: sessions.grants,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const each of Object.values(engines)) each.close();
      }),
  };
}

const WRITING = /^(Put|Update|Delete|BatchWrite|TransactWrite)Items?$/;

const MISSING_TOKEN = {
  status: 400,
  code: "MissingAuthenticationTokenException",
  message: "Request is missing Authentication Token",
};

function faultError(fault: FaultKind, call: Call) {
  if (fault === "throttle") return throttled(call.service);
  if (fault === "error500") return internalError(call.service);
  const items = listOf(parseObject(call.body.toString("utf8"))?.TransactItems).length;
  return conflict(call.action, items);
}
