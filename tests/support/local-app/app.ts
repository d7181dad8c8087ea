import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App, CfnOutput, Duration, Stack } from "aws-cdk-lib";
import { HttpApi, HttpMethod, type IHttpRouteAuthorizer } from "aws-cdk-lib/aws-apigatewayv2";
import { HttpUserPoolAuthorizer } from "aws-cdk-lib/aws-apigatewayv2-authorizers";
import { HttpLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import { CfnUserPoolGroup, OAuthScope, ResourceServerScope, UserPool } from "aws-cdk-lib/aws-cognito";
import { AttributeType, StreamViewType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Code, Function as LambdaFunction, Runtime, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Schedule, ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { ConfigurationSet, EmailIdentity, Identity } from "aws-cdk-lib/aws-ses";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { buildSync } from "esbuild";

/** Synthesizes a small application to a folder of its own: notes that are posted, announced and mailed. */
export function synthesizeLocalApp(): string {
  const app = new App({ outdir: mkdtempSync(join(tmpdir(), "local-app-")), analyticsReporting: false });
  const data = new DataStack(app);
  new NotesStack(app, data);
  return app.synth().directory;
}

class DataStack extends Stack {
  readonly table: TableV2;

  constructor(app: App) {
    super(app, "Data");
    this.table = new TableV2(this, "Notes", {
      partitionKey: { name: "pk", type: AttributeType.STRING },
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: "expires",
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    });
  }
}

class NotesStack extends Stack {
  constructor(app: App, { table }: DataStack) {
    super(app, "Notes");
    const deadLetters = new Queue(this, "DeadLetters");
    const queue = new Queue(this, "Queue", {
      visibilityTimeout: Duration.seconds(60),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 3 },
    });
    const identity = new EmailIdentity(this, "Identity", { identity: Identity.domain("example.com") });
    const configurationSet = new ConfigurationSet(this, "Mail");

    const notes = this.#function("notes", { TABLE_NAME: table.tableName });
    table.grant(notes, "dynamodb:PutItem", "dynamodb:GetItem");

    const announce = this.#function("announce", { QUEUE_URL: queue.queueUrl });
    queue.grantSendMessages(announce);
    table.grantStreamRead(announce);
    announce.addEventSourceMapping("Stream", {
      eventSourceArn: table.tableStreamArn ?? "",
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 10,
      retryAttempts: 3,
    });

    const mail = this.#function("mail", { CONFIGURATION_SET: configurationSet.configurationSetName });
    mail.addEventSource(new SqsEventSource(queue));
    mail.addToRolePolicy(
      new PolicyStatement({
        actions: ["ses:SendRawEmail"],
        resources: [identity.emailIdentityArn, `arn:aws:ses:${this.region}:${this.account}:configuration-set/*`],
      }),
    );

    const tick = this.#function("tick", { TABLE_NAME: table.tableName });
    table.grant(tick, "dynamodb:UpdateItem");
    new Schedule(this, "Hourly", {
      schedule: ScheduleExpression.rate(Duration.hours(1)),
      target: new LambdaInvoke(tick),
    });

    const api = new HttpApi(this, "Api", { apiName: "notes" });
    const integration = new HttpLambdaIntegration("NotesIntegration", notes);
    api.addRoutes({ path: "/notes", methods: [HttpMethod.POST], integration });
    api.addRoutes({ path: "/notes/{id}", methods: [HttpMethod.GET], integration });
    const authorizer = this.#signIn();
    api.addRoutes({
      path: "/private/{id}",
      methods: [HttpMethod.GET],
      integration,
      authorizer,
      authorizationScopes: ["notes/read"],
    });
    new CfnOutput(this, "Url", { value: api.url ?? "" });
  }

  #function(name: string, environment: Record<string, string>): LambdaFunction {
    return new LambdaFunction(this, name, {
      runtime: Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: Code.fromAsset(bundle(name)),
      environment,
      timeout: Duration.seconds(10),
      memorySize: 256,
      logGroup: new LogGroup(this, `${name}Logs`),
    });
  }

  #signIn(): IHttpRouteAuthorizer {
    const pool = new UserPool(this, "People");
    const read = new ResourceServerScope({ scopeName: "read", scopeDescription: "Reads notes" });
    const server = pool.addResourceServer("Server", { identifier: "notes", scopes: [read] });
    const client = pool.addClient("Client", {
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.resourceServer(server, read)],
        callbackUrls: ["http://localhost:5173/signed-in"],
      },
    });
    new CfnUserPoolGroup(this, "Readers", { userPoolId: pool.userPoolId, groupName: "reader" });
    return new HttpUserPoolAuthorizer("People", pool, { userPoolClients: [client] });
  }
}

function bundle(name: string): string {
  const outdir = mkdtempSync(join(tmpdir(), `local-app-${name}-`));
  buildSync({
    entryPoints: { index: fileURLToPath(new URL(`functions/${name}.ts`, import.meta.url)) },
    outdir,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields: ["module", "main"],
    logLevel: "error",
  });
  return outdir;
}
