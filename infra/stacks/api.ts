import { type App, CfnOutput, Duration } from "aws-cdk-lib";
import { CorsHttpMethod, type CorsPreflightOptions } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { UserPoolClient } from "aws-cdk-lib/aws-cognito";
import { type Config, calendarOf, sendingRulesOf } from "../config-schema.ts";
import { acknowledge } from "../constructs/acknowledge.ts";
import { RapportFunction } from "../constructs/rapport-function.ts";
import { RapportHttpApi } from "../constructs/rapport-http-api.ts";
import { namesOf } from "../names.ts";
import type { IdentityStack } from "./identity.ts";
import { RapportStack } from "./rapport-stack.ts";

/** The public API and the staff's, each with functions and rights of its own. */
export class ApiStack extends RapportStack {
  /** Base of the links in mails, without a slash at its end. */
  readonly publicUrl: string;

  /** @param identity undefined where the configuration names another OpenID issuer */
  constructor(app: App, config: Config, identity: IdentityStack | undefined) {
    super(app, "Api", "the public API and the staff's", config);
    const topics = { TOPICS: JSON.stringify(config.topics) };
    const house = { PUBLIC_NAME: config.accountName, POSTAL_ADDRESS: config.postalAddress };
    const intake = new RapportFunction(this, "Intake", { config, name: "intake", environment: house });
    const pages = new RapportFunction(this, "Pages", {
      config,
      name: "pages",
      environment: { ...house, ...topics },
    });
    const { sourceSecrets, webhookSecrets } = namesOf(config);
    const messages = new RapportFunction(this, "Messages", { config, name: "messages", environment: {} });
    const webhooks = new RapportFunction(this, "Webhooks", {
      config,
      name: "webhooks",
      environment: { SOURCE_SECRETS: sourceSecrets },
    });
    const publicApi = new RapportHttpApi(this, "Public", {
      config,
      api: "public",
      // A flood costs at most about $4 an hour at this rate; each form has its own limit per address besides.
      throttle: { rateLimit: 1000, burstLimit: 2000 },
    });
    this.publicUrl = config.publicUrl ?? publicApi.url;
    const staff = new RapportFunction(this, "Staff", {
      config,
      name: "staff",
      environment: {
        ...house,
        PUBLIC_URL: this.publicUrl,
        SOURCE_SECRETS: sourceSecrets,
        WEBHOOK_SECRETS: webhookSecrets,
        ...calendarOf(config),
        ...sendingRulesOf(config),
        ...topics,
        LOCAL_SHOPS: config.localShops ? "yes" : "no",
        CURRENCY: config.currency,
        ATTRIBUTION_DAYS: String(config.attributionDays),
        MAIL_COST_PER_THOUSAND: String(config.mailCostPerThousand),
      },
    });

    const templates = new RapportFunction(this, "Templates", {
      config,
      name: "templates",
      environment: { ...house, ...topics, MANAGERS: JSON.stringify(config.owners) },
    });

    const digests = new RapportFunction(this, "Digests", {
      config,
      name: "digests",
      environment: {
        PUBLIC_NAME: config.accountName,
        PUBLIC_URL: this.publicUrl,
        ...calendarOf(config),
        CURRENCY: config.currency,
      },
    });

    const privacy = new RapportFunction(this, "Privacy", { config, name: "privacy", environment: {} });

    publicApi.serve({ functions: { intake, messages, webhooks, pages }, fallback: pages });
    acknowledge(publicApi, {
      "AwsSolutions-APIG4":
        "Forms, pages behind signed tokens, machine keys and signed webhooks: the functions check each.",
    });
    const staffApi = new RapportHttpApi(this, "StaffApi", {
      config,
      api: "staff",
      throttle: { rateLimit: 100, burstLimit: 200 },
      ...(config.consoleUrls.length === 0 ? {} : { cors: corsFor(config.consoleUrls) }),
    });
    const consoleUrl = `${staffApi.url}/console`;
    const signIn = config.openId ?? this.#signInBy(config, identity, [consoleUrl, ...config.consoleUrls]);
    const { issuer, audience, clientId = audience, tokenOrigin } = signIn;
    const console = new RapportFunction(this, "Console", {
      config,
      name: "console",
      environment: {
        PUBLIC_NAME: config.accountName,
        ISSUER: issuer,
        CLIENT_ID: clientId,
        ...(tokenOrigin === undefined ? {} : { TOKEN_ORIGIN: tokenOrigin }),
      },
    });
    staffApi.serve({
      functions: { staff, templates, digests, privacy, console },
      fallback: staff,
      authorizer: new HttpJwtAuthorizer("SignIn", issuer, { jwtAudience: [audience] }),
    });
    new CfnOutput(this, "PublicUrl", { value: this.publicUrl });
    new CfnOutput(this, "StaffUrl", { value: staffApi.url });
    new CfnOutput(this, "ConsoleUrl", { value: consoleUrl });
    new CfnOutput(this, "ClientId", { value: clientId });
  }

  /** The console's client stands here, not beside its user pool: it must know the API's address, which AWS makes up. */
  #signInBy(config: Config, identity: IdentityStack | undefined, returnUrls: string[]) {
    if (identity === undefined) {
      throw new Error("Neither an OpenID issuer nor a user pool.");
    }
    const client = new UserPoolClient(this, "ConsoleClient", {
      userPool: identity.pool,
      userPoolClientName: `${namesOf(config).prefix}-console`,
      // A page in a browser keeps no secret: authorization code with PKCE.
      generateSecret: false,
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      accessTokenValidity: Duration.hours(1),
      refreshTokenValidity: Duration.days(14),
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [...identity.scopes],
        callbackUrls: returnUrls,
        logoutUrls: returnUrls,
      },
    });
    const { issuer, tokenOrigin } = identity;
    return { issuer, audience: client.userPoolClientId, clientId: undefined, tokenOrigin };
  }
}

function corsFor(consoleUrls: readonly string[]): CorsPreflightOptions {
  return {
    allowOrigins: consoleUrls.map((url) => new URL(url).origin),
    allowMethods: [
      CorsHttpMethod.GET,
      CorsHttpMethod.POST,
      CorsHttpMethod.PUT,
      CorsHttpMethod.PATCH,
      CorsHttpMethod.DELETE,
    ],
    allowHeaders: ["authorization", "content-type", "idempotency-key", "if-match"],
    exposeHeaders: ["etag", "location", "retry-after", "x-correlation-id"],
    maxAge: Duration.hours(1),
  };
}
