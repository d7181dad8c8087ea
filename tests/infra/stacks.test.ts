import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { routeKeyOf } from "../../shared/http/route.ts";
import { routes } from "../../shared/http/routes.ts";
import { historyMessageSchema } from "../../shared/kpis/history.ts";
import { segmentMessageSchema } from "../../shared/segments/rebuild.ts";
import { streamedKinds } from "../../shared/table/item.ts";
import { synthesize } from "./support.ts";

const prod = synthesize("prod");
const dev = synthesize("dev");
const replicas = (properties: object) => Match.objectLike({ Replicas: [Match.objectLike(properties)] });

describe("the table", () => {
  test("has one index of keys only, a stream of both images and a time to live, and is paid by use", () => {
    prod.template("Data").hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      TableName: "rapport-prod",
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: "gsi1",
          KeySchema: [
            { AttributeName: "gsi1pk", KeyType: "HASH" },
            { AttributeName: "gsi1sk", KeyType: "RANGE" },
          ],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
      StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    });
  });

  test.each([
    ["prod", prod, "Retain", true],
    ["dev", dev, "Delete", false],
  ] as const)(
    "of %s outlives its stack as it should, and can be restored to any second",
    (_stage, { template }, policy, kept) => {
      template("Data").hasResource("AWS::DynamoDB::GlobalTable", {
        DeletionPolicy: policy,
        UpdateReplacePolicy: policy,
        Properties: replicas({
          DeletionProtectionEnabled: kept,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      });
    },
  );

  test("is known to other stacks by name only, so that a restored one can take its place", () => {
    const { Outputs } = z
      .object({ Outputs: z.record(z.string(), z.looseObject({})) })
      .parse(prod.template("Data").toJSON());
    expect(Object.values(Outputs).filter((output) => "Export" in output)).toEqual([]);
  });
});

describe("the stream's event source", () => {
  test("passes the kinds that have stages, and never blocks on a bad record", () => {
    const pattern = { eventName: ["INSERT", "MODIFY"], dynamodb: { NewImage: { kind: { S: streamedKinds } } } };
    prod.template("Messaging").hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: { Ref: Match.stringLikeRegexp("^SsmParameterValue") },
      BatchSize: 100,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      MaximumRetryAttempts: 10,
      MaximumRecordAgeInSeconds: 21_600,
      StartingPosition: "TRIM_HORIZON",
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
      FilterCriteria: { Filters: [{ Pattern: Match.serializedJson(pattern) }] },
    });
  });
});

describe.each(["public", "staff"] as const)("the %s API", (api) => {
  const apis = prod
    .ofType("AWS::ApiGatewayV2::Api")
    .filter(({ Properties }) => Properties.Name === `rapport-prod-${api}`);
  const own = prod
    .ofType("AWS::ApiGatewayV2::Route")
    .filter(({ Properties }) => JSON.stringify(Properties.ApiId) === JSON.stringify({ Ref: apis[0]?.id }));

  test("has the declared routes and a fallback, each once", () => {
    const declared = routes.filter((route) => route.api === api).map(routeKeyOf);
    expect(own.map(({ Properties }) => Properties.RouteKey).sort()).toEqual([...declared, "$default"].sort());
  });

  test("asks for a token with a scope where the declaration does", () => {
    for (const route of routes.filter((declared) => declared.api === api)) {
      const found = own.find(({ Properties }) => Properties.RouteKey === routeKeyOf(route));
      expect(found?.Properties).toMatchObject(
        route.security === "jwt"
          ? { AuthorizationType: "JWT", AuthorizationScopes: route.scopes }
          : { AuthorizationType: "NONE" },
      );
      expect(route.scopes.length > 0).toBe(route.security === "jwt");
      expect(route.security === "jwt").toBe(api === "staff" && route.function !== "console");
    }
  });

  test("answers no CORS itself: forms have their own origins, and the console is at the staff API's", () => {
    expect(apis[0]?.Properties).not.toHaveProperty("CorsConfiguration");
  });

  test("is throttled, and logs neither paths nor addresses", () => {
    const [stage] = prod
      .ofType("AWS::ApiGatewayV2::Stage")
      .filter(({ Properties }) => JSON.stringify(Properties.ApiId) === JSON.stringify({ Ref: apis[0]?.id }));
    const { AccessLogSettings, DefaultRouteSettings } = z
      .object({
        AccessLogSettings: z.object({ Format: z.string() }),
        DefaultRouteSettings: z.object({ ThrottlingRateLimit: z.number(), ThrottlingBurstLimit: z.number() }),
      })
      .parse(stage?.Properties);
    expect(DefaultRouteSettings.ThrottlingRateLimit).toBeGreaterThan(0);
    expect(JSON.parse(AccessLogSettings.Format)).toMatchObject({ requestId: "$context.requestId" });
    expect(AccessLogSettings.Format).not.toMatch(/\$context\.(path|identity|authorizer\.claims)/);
  });
});

describe("sign-in", () => {
  test("has the roles as groups, a browser client without a secret, and scopes", () => {
    const identity = prod.template("Identity");
    for (const GroupName of ["admin", "manager", "marketer", "sales", "support", "partner"]) {
      identity.hasResourceProperties("AWS::Cognito::UserPoolGroup", { GroupName });
    }
    prod.template("Api").hasResourceProperties("AWS::Cognito::UserPoolClient", {
      GenerateSecret: false,
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: Match.arrayWith(["openid"]),
      EnableTokenRevocation: true,
    });
    identity.resourceCountIs("AWS::Cognito::UserPoolDomain", 1);
  });

  test("returns to the console at the staff API's own address, and nowhere else", () => {
    const api = prod
      .ofType("AWS::ApiGatewayV2::Api")
      .find(({ Properties }) => Properties.Name === "rapport-prod-staff");
    const [client] = prod.ofType("AWS::Cognito::UserPoolClient");
    const console = [{ "Fn::Join": ["", [{ "Fn::GetAtt": [api?.id, "ApiEndpoint"] }, "/console"]] }];
    expect(client?.Properties).toMatchObject({ CallbackURLs: console, LogoutURLs: console });
  });

  test("offers every scope that a route asks for", () => {
    const [server] = prod.ofType("AWS::Cognito::UserPoolResourceServer");
    const { Identifier, Scopes } = z
      .object({ Identifier: z.string(), Scopes: z.array(z.looseObject({ ScopeName: z.string() })) })
      .parse(server?.Properties);
    const offered = Scopes.map((scope) => `${Identifier}/${scope.ScopeName}`);
    expect(offered).toEqual(expect.arrayContaining(routes.flatMap((route) => [...route.scopes])));
  });

  test.each([
    ["prod", prod, "ON", "ACTIVE"],
    ["dev", dev, "OPTIONAL", "INACTIVE"],
  ] as const)("of %s wants a second factor and is protected as it should", (_stage, { template }, mfa, protection) => {
    template("Identity").hasResourceProperties("AWS::Cognito::UserPool", {
      MfaConfiguration: mfa,
      DeletionProtection: protection,
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
    });
  });
});

describe("what the clock starts", () => {
  test.each([
    ["due-sweep", "rate(1 minute)"],
    ["kpi-roll-up", "rate(1 hour)"],
    ["recommendations", "cron(40 3 * * ? *)"],
    ["customer-models", "cron(50 3 * * ? *)"],
    ["digest", "cron(0 * * * ? *)"],
  ])("%s runs at %s of the account's time zone, and its failures are kept", (name, expression) => {
    prod.template("Schedules").hasResourceProperties("AWS::Scheduler::Schedule", {
      Name: `rapport-prod-${name}`,
      ScheduleExpression: expression,
      ScheduleExpressionTimezone: "America/New_York",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: Match.objectLike({ DeadLetterConfig: { Arn: Match.anyValue() } }),
    });
    prod.template("Schedules").hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: `rapport-prod-${name}`,
      DeadLetterConfig: { TargetArn: Match.anyValue() },
    });
  });
});

test("the census of customers is asked for each night, in words that the segments queue understands", () => {
  prod.template("Schedules").hasResourceProperties("AWS::Scheduler::Schedule", {
    Name: "rapport-prod-census",
    ScheduleExpression: "cron(30 3 * * ? *)",
    ScheduleExpressionTimezone: "America/New_York",
    Target: Match.objectLike({ Input: JSON.stringify(segmentMessageSchema.parse({ type: "census" })) }),
  });
});

test("the history of KPIs is looked at each hour, in words that its queue understands", () => {
  prod.template("Schedules").hasResourceProperties("AWS::Scheduler::Schedule", {
    Name: "rapport-prod-kpi-history",
    ScheduleExpression: "rate(1 hour)",
    Target: Match.objectLike({ Input: JSON.stringify(historyMessageSchema.parse({ type: "plan" })) }),
  });
});

describe("mail", () => {
  test("tells every event of its configuration set to the default bus, and the rule takes no other stage's", () => {
    prod.template("Mail").hasResourceProperties("AWS::SES::ConfigurationSetEventDestination", {
      EventDestination: Match.objectLike({ Enabled: true, EventBridgeDestination: Match.anyValue() }),
    });
    prod.template("Messaging").hasResourceProperties("AWS::Events::Rule", {
      EventPattern: { source: ["aws.ses"], detail: { mail: { tags: { "ses:configuration-set": ["rapport-prod"] } } } },
      Targets: [Match.objectLike({ DeadLetterConfig: Match.anyValue() })],
    });
  });

  test("makes the SES identity only where the configuration says create", () => {
    dev.template("Mail").hasResourceProperties("AWS::SES::EmailIdentity", { EmailIdentity: "example.com" });
    prod.template("Mail").resourceCountIs("AWS::SES::EmailIdentity", 0);
  });
});

describe("the operator", () => {
  test("is mailed about alarms, and about the bill before it is over the budget", () => {
    const operations = prod.template("Operations");
    operations.hasResourceProperties("AWS::SNS::Subscription", { Protocol: "email", Endpoint: "operator@example.com" });
    operations.hasResourceProperties("AWS::Budgets::Budget", {
      Budget: Match.objectLike({ BudgetLimit: { Amount: 50, Unit: "USD" }, TimeUnit: "MONTHLY" }),
      NotificationsWithSubscribers: [
        Match.objectLike({ Notification: Match.objectLike({ NotificationType: "ACTUAL", Threshold: 80 }) }),
        Match.objectLike({ Notification: Match.objectLike({ NotificationType: "FORECASTED", Threshold: 100 }) }),
      ],
    });
  });

  test("gets alarms, since the topic's own policy lets this account's alarms publish", () => {
    prod.template("Operations").hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: Match.objectLike({
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: "Allow",
            Action: "sns:Publish",
            Principal: { Service: "cloudwatch.amazonaws.com" },
          }),
        ]),
      }),
    });
  });
});
