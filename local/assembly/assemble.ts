import { AssemblyError } from "./error.ts";
import { managedStatements } from "./managed-policies.ts";
import type { Assembly, HttpApiModel, PolicyStatement, RouteModel, RuleTargetModel, UserPoolModel } from "./model.ts";
import type { Parts } from "./parts.ts";

interface Place {
  readonly region: string;
  readonly account: string;
  readonly issuer: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Joins what the resources said one by one: policies to their functions, routes to their APIs, and so on. */
export function assemble(parts: Parts, place: Place): Assembly {
  const functions = parts.functions.map((it) => ({ ...it, policies: policiesOf(it.roleArn, parts) }));
  checkReferences(parts);
  return {
    region: place.region,
    account: place.account,
    tables: parts.tables,
    queues: parts.queues,
    functions,
    httpApis: parts.apis.map((api) => joinApi(api, parts)),
    eventSources: parts.eventSources,
    rules: parts.rules.map((rule) => ({
      ...rule,
      targets: rule.targets.map((target) => withDeadLetters(target, parts)),
    })),
    schedules: parts.schedules.map((it) => ({ ...it, target: withDeadLetters(it.target, parts) })),
    configurationSets: parts.configurationSets.map((name) => ({
      name,
      eventDestinations: parts.eventDestinations
        .filter((it) => it.configurationSet === name)
        .map(({ destination }) => destination),
    })),
    identities: parts.identities,
    userPools: joinUserPools(parts, place.issuer),
    outputs: place.outputs,
  };
}

/** Delivery to a function never fails here, so its failures go where the function itself sends them. */
function withDeadLetters(target: RuleTargetModel, parts: Parts): RuleTargetModel {
  const fn = parts.functions.find(({ arn }) => arn === target.arn);
  if (fn === undefined) return target;
  const { deadLetterArn: _, ...rest } = target;
  return fn.deadLetterArn === undefined ? rest : { ...rest, deadLetterArn: fn.deadLetterArn };
}

function policiesOf(roleArn: string, parts: Parts): PolicyStatement[] {
  const role = parts.roles.find((candidate) => candidate.arn === roleArn);
  if (role === undefined) {
    throw new AssemblyError(
      `The role ${roleArn} is not part of the assembly; define the functions' roles in its stacks.`,
    );
  }
  const managed = role.managedPolicyArns.flatMap(
    (arn) => parts.managedPolicies.find((policy) => policy.arn === arn)?.statements ?? managedStatements(arn),
  );
  const own = parts.rolePolicies.filter((it) => it.roleName === role.name).flatMap((it) => it.statements);
  return [...managed, ...own];
}

function joinApi(api: Parts["apis"][number], parts: Parts): HttpApiModel {
  const stage = parts.stages.find((candidate) => candidate.apiId === api.id);
  if (stage === undefined) {
    throw new AssemblyError(`The API ${api.name} has no $default stage; give it one, since only that one is served.`);
  }
  const routes = parts.routes
    .filter((it) => it.apiId === api.id)
    .map((it): RouteModel => {
      const integration = parts.integrations.find((candidate) => candidate.id === it.integrationId);
      const authorizer = parts.authorizers.find((candidate) => candidate.id === it.authorizerId);
      if (integration === undefined)
        throw new AssemblyError(`The route ${it.route.routeKey} of ${api.name} has no integration.`);
      const throttle = stage.routeThrottles[it.route.routeKey];
      return {
        ...it.route,
        functionName: integration.functionName,
        ...(authorizer ? { authorizer: authorizer.authorizer } : {}),
        ...(throttle ? { throttle } : {}),
      };
    });
  const { defaultThrottle, accessLogFormat } = stage;
  return { ...api, routes, ...(defaultThrottle && { defaultThrottle }), ...(accessLogFormat && { accessLogFormat }) };
}

function joinUserPools(parts: Parts, issuer: string): UserPoolModel[] {
  if (parts.userPools.length > 1) {
    throw new AssemblyError(
      "The assembly holds several user pools; the host stands for one: use one pool with several clients.",
    );
  }
  return parts.userPools.map(({ id }) => {
    const domain = parts.userPoolDomains.find((it) => it.poolId === id)?.domain;
    return {
      id,
      issuer,
      clients: parts.userPoolClients.filter((it) => it.poolId === id).map(({ poolId: _, ...client }) => client),
      groups: parts.userPoolGroups.filter((it) => it.poolId === id).map((it) => it.name),
      ...(domain === undefined ? {} : { domain }),
    };
  });
}

/** A mistyped ARN would otherwise show only as silence at run time. */
function checkReferences(parts: Parts): void {
  const functions = new Set(parts.functions.map((it) => it.name));
  const queues = new Set(parts.queues.map((it) => it.arn));
  const streams = new Set(parts.tables.flatMap((it) => it.streamArn ?? []));
  const missing = (what: string, name: string) =>
    new AssemblyError(`${what} refers to ${name}, which is not part of the assembly; synthesize all stacks.`);
  for (const source of parts.eventSources) {
    if (!functions.has(source.functionName)) throw missing("An event source", source.functionName);
    const known = source.kind === "queue" ? queues : streams;
    if (!known.has(source.sourceArn)) throw missing(`The event source of ${source.functionName}`, source.sourceArn);
    if (source.onFailureArn !== undefined && !queues.has(source.onFailureArn)) {
      throw missing(`The event source of ${source.functionName}`, source.onFailureArn);
    }
  }
  for (const { redrive, name } of parts.queues) {
    if (redrive && !queues.has(redrive.deadLetterArn)) throw missing(`The queue ${name}`, redrive.deadLetterArn);
  }
  for (const { functionName } of parts.integrations) {
    if (!functions.has(functionName)) throw missing("A route", functionName);
  }
  const targets = [...parts.rules.flatMap((rule) => rule.targets), ...parts.schedules.map((it) => it.target)];
  for (const { arn } of targets) {
    const known = queues.has(arn) || functions.has(arn.split(":function:")[1] ?? "");
    if (!known) throw missing("A rule or schedule", arn);
  }
}
