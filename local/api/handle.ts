import type { JWTVerifyGetKey } from "jose";
import type { HttpApiModel, RouteModel } from "../assembly/model.ts";
import type { Clock, InvocationResult, Invoker } from "../interfaces.ts";
import { type ApiAnswer, gatewayAnswer, internalServerError, readAnswer } from "./answer.ts";
import { type Authorized, authorize } from "./authorizer.ts";
import { type ApiRequest, buildEvent, splitTarget } from "./event.ts";
import { compileRoutes } from "./routes.ts";
import { TokenBucket } from "./throttle.ts";

export interface HandlerParts {
  readonly api: HttpApiModel;
  readonly account: string;
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly jwks: (issuer: string) => JWTVerifyGetKey;
  readonly integrationTimeoutMs: number;
}

export interface Handled {
  readonly answer: ApiAnswer;
  readonly route: string;
  readonly error?: string | undefined;
}

/** What an HTTP API does with one request: route, throttle, authorize, invoke. */
export function createHandler(parts: HandlerParts): (request: ApiRequest) => Promise<Handled> {
  const { api, clock, jwks } = parts;
  const find = compileRoutes(api.routes);
  const admits = createThrottle(api, clock);

  return async (request) => {
    const match = find(request.method, splitTarget(request.target).path);
    if (match === undefined) return { route: "-", answer: gatewayAnswer(404, "Not Found") };
    const { route } = match;
    const { routeKey, authorizer, scopes } = route;
    if (!admits(route)) return { route: routeKey, answer: gatewayAnswer(429, "Too Many Requests") };

    let jwt: Authorized | undefined;
    if (authorizer !== undefined) {
      const { authorization } = request.headers;
      const decision = await authorize({
        authorizer,
        scopes,
        authorization,
        keys: jwks(authorizer.issuer),
        now: clock.now(),
      });
      if ("refused" in decision) {
        return {
          route: routeKey,
          answer: decision.refused,
          error: String(decision.refused.headers["www-authenticate"]),
        };
      }
      jwt = decision.allowed;
    }

    const event = buildEvent(request, match, { apiId: api.id, accountId: parts.account, now: clock.now(), jwt });
    return { route: routeKey, ...(await callFunction(parts, route, event)) };
  };
}

async function callFunction(parts: HandlerParts, route: RouteModel, event: unknown): Promise<Omit<Handled, "route">> {
  const invoked = parts.invoker.invoke(route.functionName, event, { route: route.routeKey });
  const result = await within(parts.integrationTimeoutMs, invoked);
  if (result === undefined) return { answer: gatewayAnswer(503, "Service Unavailable"), error: "integration time-out" };
  if (result.error === undefined) return { answer: readAnswer(result.payload) };
  return { answer: failureAnswer(result.error), error: `${result.error.type}: ${result.error.message}` };
}

function failureAnswer(error: NonNullable<InvocationResult["error"]>): ApiAnswer {
  if (error.kind === "throttle") return gatewayAnswer(503, "Service Unavailable");
  if (error.type === "RequestEntityTooLargeException") return gatewayAnswer(413, "Request Entity Too Large");
  return internalServerError();
}

/** Undefined when the time is over first; the function runs on, as it does on AWS. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Each route has a bucket of its own: by its own limits, else by those of the stage. */
function createThrottle(api: HttpApiModel, clock: Clock): (route: RouteModel) => boolean {
  const buckets = new Map<RouteModel, TokenBucket>();
  for (const route of api.routes) {
    const limits = route.throttle ?? api.defaultThrottle;
    if (limits !== undefined) buckets.set(route, new TokenBucket(limits, clock.now()));
  }
  return (route) => buckets.get(route)?.take(clock.now()) ?? true;
}
