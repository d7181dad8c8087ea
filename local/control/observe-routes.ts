import * as z from "zod";
import { costOf } from "../cost.ts";
import { FaultList } from "../gateway/faults.ts";
import { ControlError, type ControlRoute, parse } from "./route.ts";
import { hostState } from "./state.ts";

const invocation = z.strictObject({ function: z.string(), event: z._default(z.unknown(), {}) });
const done = { done: true };

export const observeRoutes: readonly ControlRoute[] = [
  {
    method: "GET",
    path: "/state",
    summary: "Addresses, functions, queues with their depths, dead letters, users and the clock.",
    handle: ({ host }) => hostState(host),
  },
  {
    method: "GET",
    path: "/meter",
    summary: "Calls, units, requests and times by function and route since the last reset, and what they cost on AWS.",
    handle: ({ host }) => {
      const snapshot = host.gateway.meter.snapshot();
      return { ...snapshot, dollars: costOf(snapshot.totals) };
    },
  },
  {
    method: "DELETE",
    path: "/meter",
    summary: "Sets the meter to nought.",
    handle: ({ host }) => {
      host.gateway.meter.reset();
      return done;
    },
  },
  {
    method: "GET",
    path: "/faults",
    summary: "The faults that are set, those that struck, and the calls counted since.",
    handle: ({ host: { gateway } }) => ({
      faults: gateway.faults.list(),
      applied: gateway.faults.applied(),
      calls: gateway.faults.calls(),
    }),
  },
  {
    method: "PUT",
    path: "/faults",
    summary: "Sets the faults: throttle, conflict, timeoutBefore, timeoutAfter, crashBefore, crashAfter, error500.",
    example: [{ kind: "throttle", service: "dynamodb", rate: 0.2, seed: 1 }],
    handle: ({ host, body }) => {
      host.gateway.faults.set(parse(FaultList, body));
      return host.gateway.faults.list();
    },
  },
  {
    method: "DELETE",
    path: "/faults",
    summary: "Removes all faults.",
    handle: ({ host }) => {
      host.gateway.faults.clear();
      return done;
    },
  },
  {
    method: "GET",
    path: "/denied",
    summary: "Calls that a function's role did not allow.",
    handle: ({ host }) => host.gateway.denied(),
  },
  {
    method: "GET",
    path: "/grants",
    summary: "Each function's statements with the count of calls that each of its actions allowed.",
    handle: ({ host }) => host.gateway.grants(),
  },
  {
    method: "GET",
    path: "/queues/{name}/messages",
    summary: "The messages of a queue, without receiving them.",
    handle: ({ host, parameters: { name = "" } }) => {
      const messages = host.engines.sqs.peek(name);
      if (messages === undefined)
        throw new ControlError(404, `There is no queue ${name}; GET /_local/state lists them.`);
      return messages;
    },
  },
  {
    method: "POST",
    path: "/invoke",
    summary: "Invokes a function, by its name or logical id, and answers its result.",
    example: { function: "name", event: {} },
    handle: async ({ host, body }) => {
      const { function: name, event } = parse(invocation, body);
      const fn = host.assembly.functions.find((it) => it.name === name || it.logicalId === name);
      if (fn === undefined) throw new ControlError(404, `There is no function ${name}; GET /_local/state lists them.`);
      return host.pool.invoke(fn.name, event, { route: "invoke" });
    },
  },
  {
    method: "GET",
    path: "/token",
    summary: "An access token of a development user, as the user pool would issue it: ?user=…",
    handle: async ({ host, query }) => {
      const { signIn } = host.engines;
      if (signIn === undefined) throw new ControlError(404, "The assembly has no user pool, so there are no users.");
      const token = await signIn.token(query.get("user") ?? "");
      if (token !== undefined) return { token };
      const names = signIn.users.map(({ username }) => username).join(", ");
      throw new ControlError(404, `Say which user with ?user=…; the users are: ${names}.`);
    },
  },
  {
    method: "GET",
    path: "/logs",
    summary: "The newest lines of the merged log: ?function=… for one source, ?limit=….",
    handle: ({ host, query }) => {
      const name = query.get("function");
      const limit = Number(query.get("limit") ?? 500);
      return host.pool.logs.tail({ limit, ...(name === null ? {} : { function: name }) });
    },
  },
];
