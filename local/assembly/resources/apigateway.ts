import * as z from "zod";
import { count, defineResource, flag, type Identity, type ResourceType } from "../resource.ts";

const apiId = (_: unknown, identity: Identity) => identity.generatedId(10);
const endpoint = (_: unknown, identity: Identity) => {
  const url = identity.urls.apis[identity.logicalId];
  if (url === undefined) throw identity.error("no local address was reserved for this API");
  return url;
};
const texts = z._default(z.array(z.string()), []);

const api = defineResource({
  type: "AWS::ApiGatewayV2::Api",
  properties: z.strictObject({
    Name: z.string(),
    ProtocolType: z.literal("HTTP"),
    CorsConfiguration: z.optional(
      z.strictObject({
        AllowOrigins: texts,
        AllowMethods: texts,
        AllowHeaders: texts,
        ExposeHeaders: texts,
        AllowCredentials: z._default(flag, false),
        MaxAge: z.optional(count),
      }),
    ),
  }),
  ignored: {
    Description: "a note to people",
    Tags: "tags change nothing at run time",
    DisableExecuteApiEndpoint: "the local address is the only one",
    IpAddressType: "the host listens on 127.0.0.1",
    RouteSelectionExpression: "HTTP APIs know only the default",
  },
  ref: apiId,
  attributes: { ApiEndpoint: endpoint, ApiId: apiId },
  collect: (it, identity, parts) => {
    const cors = it.CorsConfiguration;
    parts.apis.push({
      id: apiId(it, identity),
      name: it.Name,
      logicalId: identity.logicalId,
      ...(cors
        ? {
            cors: {
              allowOrigins: cors.AllowOrigins,
              allowMethods: cors.AllowMethods,
              allowHeaders: cors.AllowHeaders,
              exposeHeaders: cors.ExposeHeaders,
              allowCredentials: cors.AllowCredentials,
              ...(cors.MaxAge === undefined ? {} : { maxAgeSeconds: cors.MaxAge }),
            },
          }
        : {}),
    });
  },
});

const routeSettings = z.strictObject({
  ThrottlingRateLimit: z.optional(count),
  ThrottlingBurstLimit: z.optional(count),
});
type RouteSettings = z.infer<typeof routeSettings>;

function throttle(settings: RouteSettings | undefined) {
  const rate = settings?.ThrottlingRateLimit;
  const burst = settings?.ThrottlingBurstLimit;
  return rate === undefined || burst === undefined ? undefined : { rate, burst };
}

const stage = defineResource({
  type: "AWS::ApiGatewayV2::Stage",
  properties: z.strictObject({
    ApiId: z.string(),
    StageName: z.literal("$default"),
    AccessLogSettings: z.optional(z.strictObject({ DestinationArn: z.string(), Format: z.string() })),
    DefaultRouteSettings: z.optional(routeSettings),
    RouteSettings: z._default(z.record(z.string(), routeSettings), {}),
  }),
  ignored: {
    AutoDeploy: "the host always serves the newest templates",
    "DefaultRouteSettings.DetailedMetricsEnabled": "the meter counts every route",
    "RouteSettings.*.DetailedMetricsEnabled": "the meter counts every route",
    Description: "a note to people",
    Tags: "tags change nothing at run time",
  },
  ref: (it) => it.StageName,
  collect: (it, _, parts) => {
    const routeThrottles = Object.entries(it.RouteSettings).flatMap(([routeKey, settings]) => {
      const limit = throttle(settings);
      return limit === undefined ? [] : [[routeKey, limit] as const];
    });
    const defaultThrottle = throttle(it.DefaultRouteSettings);
    parts.stages.push({
      apiId: it.ApiId,
      ...(defaultThrottle === undefined ? {} : { defaultThrottle }),
      ...(it.AccessLogSettings === undefined ? {} : { accessLogFormat: it.AccessLogSettings.Format }),
      routeThrottles: Object.fromEntries(routeThrottles),
    });
  },
});

const route = defineResource({
  type: "AWS::ApiGatewayV2::Route",
  properties: z.strictObject({
    ApiId: z.string(),
    RouteKey: z.string(),
    Target: z.string().regex(/^integrations\//),
    AuthorizationType: z._default(z.enum(["NONE", "JWT"]), "NONE"),
    AuthorizerId: z.optional(z.string()),
    AuthorizationScopes: texts,
  }),
  ignored: { OperationName: "a note to people" },
  ref: (_, identity) => identity.generatedId(7),
  collect: (it, _, parts) =>
    parts.routes.push({
      apiId: it.ApiId,
      route: { routeKey: it.RouteKey, scopes: it.AuthorizationScopes },
      integrationId: it.Target.slice("integrations/".length),
      ...(it.AuthorizationType === "JWT" && it.AuthorizerId !== undefined ? { authorizerId: it.AuthorizerId } : {}),
    }),
});

const integration = defineResource({
  type: "AWS::ApiGatewayV2::Integration",
  properties: z.strictObject({
    ApiId: z.string(),
    IntegrationType: z.literal("AWS_PROXY"),
    IntegrationUri: z.string(),
    PayloadFormatVersion: z.literal("2.0"),
  }),
  ignored: {
    IntegrationMethod: "functions are always invoked by POST",
    TimeoutInMillis: "the gateway's own 30 s limit holds",
    Description: "a note to people",
  },
  ref: (_, identity) => identity.generatedId(7),
  collect: (it, identity, parts) => {
    const functionName = /:function:([^:/]+)/.exec(it.IntegrationUri)?.[1];
    if (functionName === undefined) throw identity.error(`the integration ${it.IntegrationUri} is not a function`);
    parts.integrations.push({ id: identity.generatedId(7), functionName });
  },
});

const authorizer = defineResource({
  type: "AWS::ApiGatewayV2::Authorizer",
  properties: z.strictObject({
    ApiId: z.string(),
    AuthorizerType: z.literal("JWT"),
    IdentitySource: z.tuple([z.literal("$request.header.Authorization")]),
    JwtConfiguration: z.strictObject({ Audience: texts, Issuer: z.string() }),
    Name: z.string(),
  }),
  ref: (_, identity) => identity.generatedId(6),
  attributes: { AuthorizerId: (_, identity) => identity.generatedId(6) },
  collect: (it, identity, parts) =>
    parts.authorizers.push({
      id: identity.generatedId(6),
      authorizer: { issuer: it.JwtConfiguration.Issuer, audiences: it.JwtConfiguration.Audience },
    }),
});

export const apigateway: readonly ResourceType[] = [api, stage, route, integration, authorizer];
