import { type App, CfnOutput, Duration } from "aws-cdk-lib";
import { CorsHttpMethod } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpJwtAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import type { Config } from "../config-schema.ts";
import { acknowledge } from "../constructs/acknowledge.ts";
import { RapportFunction } from "../constructs/rapport-function.ts";
import { RapportHttpApi } from "../constructs/rapport-http-api.ts";
import { namesOf } from "../names.ts";
import { RapportStack } from "./rapport-stack.ts";

/** The public API and the staff's, each with functions and rights of its own. */
export class ApiStack extends RapportStack {
  /** Base of the links in mails, without a slash at its end. */
  readonly publicUrl: string;

  constructor(app: App, config: Config, signIn: { readonly issuer: string; readonly audience: string }) {
    super(app, "Api", "the public API and the staff's", config);
    const house = { PUBLIC_NAME: config.accountName, POSTAL_ADDRESS: config.postalAddress };
    const intake = new RapportFunction(this, "Intake", { config, name: "intake", environment: house });
    const pages = new RapportFunction(this, "Pages", {
      config,
      name: "pages",
      environment: house,
    });
    const { sourceSecrets } = namesOf(config);
    const messages = new RapportFunction(this, "Messages", { config, name: "messages", environment: {} });
    const webhooks = new RapportFunction(this, "Webhooks", {
      config,
      name: "webhooks",
      environment: { SOURCE_SECRETS: sourceSecrets },
    });
    const staff = new RapportFunction(this, "Staff", {
      config,
      name: "staff",
      environment: {
        SOURCE_SECRETS: sourceSecrets,
        TIME_ZONE: config.timeZone,
        LOCAL_SHOPS: config.localShops ? "yes" : "no",
      },
    });

    const templates = new RapportFunction(this, "Templates", {
      config,
      name: "templates",
      environment: { ...house, MANAGERS: JSON.stringify(config.owners) },
    });

    const publicApi = new RapportHttpApi(this, "Public", {
      config,
      api: "public",
      functions: { intake, messages, webhooks, pages },
      fallback: pages,
      // A flood costs at most about $4 an hour at this rate; each form has its own limit per address besides.
      throttle: { rateLimit: 1000, burstLimit: 2000 },
    });
    acknowledge(publicApi, {
      "AwsSolutions-APIG4":
        "Forms, pages behind signed tokens, machine keys and signed webhooks: the functions check each.",
    });
    const staffApi = new RapportHttpApi(this, "StaffApi", {
      config,
      api: "staff",
      functions: { staff, templates },
      fallback: staff,
      throttle: { rateLimit: 100, burstLimit: 200 },
      authorizer: new HttpJwtAuthorizer("SignIn", signIn.issuer, { jwtAudience: [signIn.audience] }),
      cors: {
        allowOrigins: config.consoleUrls.map((url) => new URL(url).origin),
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
      },
    });
    this.publicUrl = config.publicUrl ?? publicApi.url;
    new CfnOutput(this, "PublicUrl", { value: this.publicUrl });
    new CfnOutput(this, "StaffUrl", { value: staffApi.url });
  }
}
