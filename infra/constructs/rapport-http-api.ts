import { RemovalPolicy } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  type CorsPreflightOptions,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
} from "aws-cdk-lib/aws-apigatewayv2";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import type { RouteDeclaration } from "../../shared/http/route.ts";
import { routes } from "../../shared/http/routes.ts";
import type { Config } from "../config-schema.ts";
import { namesOf } from "../names.ts";
import { acknowledge } from "./acknowledge.ts";
import type { RapportFunction } from "./rapport-function.ts";

type Serving = RouteDeclaration["function"];

export interface RapportHttpApiProps {
  readonly config: Config;
  readonly api: RouteDeclaration["api"];
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
  readonly cors?: CorsPreflightOptions;
}

export interface Served {
  readonly functions: Readonly<Partial<Record<Serving, RapportFunction<Serving>>>>;
  /** Answers what no route matches: 404 and 405 as problem documents. */
  readonly fallback: RapportFunction<Serving>;
  /** Of the routes that want a JWT. */
  readonly authorizer?: IHttpRouteAuthorizer;
}

/** Neither path nor address: paths hold tokens, and addresses are personal. */
const accessLog = {
  requestId: "$context.requestId",
  time: "$context.requestTime",
  routeKey: "$context.routeKey",
  status: "$context.status",
  latencyMs: "$context.responseLatency",
  bytes: "$context.responseLength",
  error: "$context.error.message",
  integrationError: "$context.integrationErrorMessage",
  authorizerError: "$context.authorizer.error",
};

/** An HTTP API with the routes that `shared/http/routes.ts` declares for it. */
export class RapportHttpApi extends Construct {
  readonly url: string;
  readonly #api: HttpApi;
  readonly #name: RouteDeclaration["api"];

  constructor(scope: Construct, id: string, props: RapportHttpApiProps) {
    super(scope, id);
    const name = `${namesOf(props.config).prefix}-${props.api}`;
    this.#name = props.api;
    this.#api = new HttpApi(this, "Api", {
      apiName: name,
      createDefaultStage: false,
      ...(props.cors === undefined ? {} : { corsPreflight: props.cors }),
    });
    const logGroup = new LogGroup(this, "AccessLogs", {
      logGroupName: `/aws/vendedlogs/${name}-api`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, "Stage", {
      httpApi: this.#api,
      stageName: "$default",
      autoDeploy: true,
      throttle: props.throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(accessLog)),
      },
    });
    this.url = this.#api.apiEndpoint;
  }

  /** Adds the declared routes. They come after the API, since functions and authorizer may need to know its address. */
  serve({ functions, fallback, authorizer }: Served): void {
    const integrations = new Map<unknown, HttpLambdaIntegration>();
    // One integration, and so one permission, for each function: one for each route would break the policy's 20 KB.
    const integrationOf = (target: RapportFunction<Serving>) => {
      const known = integrations.get(target);
      const integration =
        known ?? new HttpLambdaIntegration(target.node.id, target.lambda, { scopePermissionToRoute: false });
      integrations.set(target, integration);
      return integration;
    };
    for (const route of routes.filter((candidate) => candidate.api === this.#name)) {
      const target = functions[route.function];
      if (target === undefined) {
        throw new Error(
          `${route.operationId} is served by ${route.function}, which the ${this.#name} API does not have.`,
        );
      }
      const added = this.#api.addRoutes({
        path: route.path,
        methods: [HttpMethod[route.method]],
        integration: integrationOf(target),
        ...(authorizer === undefined || route.security !== "jwt"
          ? {}
          : { authorizer, authorizationScopes: [...route.scopes] }),
      });
      if (route.security === "none" && authorizer !== undefined) {
        for (const each of added) acknowledge(each, { "AwsSolutions-APIG4": `${route.summary}: nobody's data.` });
      }
    }
    const unmatched = new HttpRoute(this, "Fallback", {
      httpApi: this.#api,
      routeKey: HttpRouteKey.DEFAULT,
      integration: integrationOf(fallback),
    });
    acknowledge(unmatched, {
      "AwsSolutions-APIG4": "Answers 404, 405 and preflights only, which need nobody's name.",
    });
  }
}
