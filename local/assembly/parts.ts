import type {
  ConfigurationSetModel,
  EventRuleModel,
  EventSourceModel,
  FunctionModel,
  HttpApiModel,
  JwtAuthorizerModel,
  PolicyStatement,
  QueueModel,
  RouteModel,
  ScheduleModel,
  TableModel,
} from "./model.ts";

export interface Throttle {
  readonly rate: number;
  readonly burst: number;
}

/** What the resources say one by one, before it is joined into the assembly. */
export interface Parts {
  readonly tables: TableModel[];
  readonly queues: QueueModel[];
  readonly functions: Omit<FunctionModel, "policies">[];
  readonly roles: { readonly name: string; readonly arn: string; readonly managedPolicyArns: readonly string[] }[];
  /** Statements by the name of the role that they are attached to. */
  readonly rolePolicies: { readonly roleName: string; readonly statements: readonly PolicyStatement[] }[];
  readonly managedPolicies: { readonly arn: string; readonly statements: readonly PolicyStatement[] }[];
  readonly eventSources: EventSourceModel[];
  readonly apis: Omit<HttpApiModel, "routes" | "defaultThrottle">[];
  readonly stages: {
    readonly apiId: string;
    readonly defaultThrottle?: Throttle;
    readonly accessLogFormat?: string;
    readonly routeThrottles: Readonly<Record<string, Throttle>>;
  }[];
  readonly routes: {
    readonly apiId: string;
    readonly route: Pick<RouteModel, "routeKey" | "scopes">;
    readonly integrationId: string;
    readonly authorizerId?: string;
  }[];
  readonly integrations: { readonly id: string; readonly functionName: string }[];
  readonly authorizers: { readonly id: string; readonly authorizer: JwtAuthorizerModel }[];
  readonly rules: EventRuleModel[];
  readonly schedules: ScheduleModel[];
  readonly configurationSets: string[];
  readonly eventDestinations: {
    readonly configurationSet: string;
    readonly destination: ConfigurationSetModel["eventDestinations"][number];
  }[];
  readonly identities: string[];
  readonly userPools: { readonly id: string }[];
  readonly userPoolClients: {
    readonly poolId: string;
    readonly id: string;
    readonly scopes: readonly string[];
    readonly callbackUrls: readonly string[];
    readonly logoutUrls: readonly string[];
  }[];
  readonly userPoolGroups: { readonly poolId: string; readonly name: string }[];
  readonly userPoolDomains: { readonly poolId: string; readonly domain: string }[];
}

export function emptyParts(): Parts {
  return {
    tables: [],
    queues: [],
    functions: [],
    roles: [],
    rolePolicies: [],
    managedPolicies: [],
    eventSources: [],
    apis: [],
    stages: [],
    routes: [],
    integrations: [],
    authorizers: [],
    rules: [],
    schedules: [],
    configurationSets: [],
    eventDestinations: [],
    identities: [],
    userPools: [],
    userPoolClients: [],
    userPoolGroups: [],
    userPoolDomains: [],
  };
}
