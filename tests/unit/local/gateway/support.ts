import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SESClient } from "@aws-sdk/client-ses";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Assembly, FunctionModel, PolicyStatement, TableModel } from "../../../../local/assembly/model.ts";
import { openSecrets } from "../../../../local/engines/secrets.ts";
import { type Gateway, startGateway } from "../../../../local/gateway/server.ts";
import type { Clock, Credentials, EventBus } from "../../../../local/interfaces.ts";
import { createMailbox, type Mailbox, type MailboxOptions } from "../../../../local/mail/mailbox.ts";

export const HOST: Credentials = { accessKeyId: "HOSTKEY", secretAccessKey: "secret", sessionToken: "token" };
export const TABLE_ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/leads";

export const TABLE: TableModel = {
  name: "leads",
  arn: TABLE_ARN,
  partitionKey: { name: "pk", type: "S" },
  sortKey: { name: "sk", type: "S" },
  indexes: [
    {
      name: "byOwner",
      partitionKey: { name: "owner", type: "S" },
      sortKey: { name: "at", type: "S" },
      projection: { type: "KEYS_ONLY", attributes: [] },
    },
    { name: "byStage", partitionKey: { name: "stage", type: "S" }, projection: { type: "ALL", attributes: [] } },
  ],
};

export function allow(
  actions: readonly string[],
  resources: readonly string[],
  conditions: PolicyStatement["conditions"] = {},
): PolicyStatement {
  return { effect: "Allow", actions, resources, conditions };
}

export function functionOf(name: string, policies: readonly PolicyStatement[]): FunctionModel {
  return {
    name,
    arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}`,
    logicalId: name,
    codePath: "/nowhere",
    handler: "index.handler",
    environment: {},
    memoryMb: 256,
    timeoutSeconds: 10,
    roleArn: `arn:aws:iam::000000000000:role/${name}-role`,
    policies,
  };
}

export function assemblyOf(parts: Partial<Assembly>): Assembly {
  return {
    region: "us-east-1",
    account: "000000000000",
    tables: [TABLE],
    queues: [],
    functions: [],
    httpApis: [],
    eventSources: [],
    rules: [],
    schedules: [],
    configurationSets: [],
    identities: [],
    userPools: [],
    outputs: {},
    ...parts,
  };
}

export function clockAt(iso: string): Clock & { advance(ms: number): void } {
  let now = Date.parse(iso);
  return {
    now: () => now,
    offset: () => 0,
    onChange: () => () => undefined,
    advance(ms) {
      now += ms;
    },
  };
}

export interface RecordingBus extends EventBus {
  readonly events: Parameters<EventBus["put"]>[0][];
}

export function recordingBus(): RecordingBus {
  const events: RecordingBus["events"] = [];
  return {
    events,
    async put(event) {
      events.push(event);
    },
  };
}

export interface Running {
  readonly gateway: Gateway;
  readonly mail: Mailbox;
  readonly bus: RecordingBus;
  readonly clock: ReturnType<typeof clockAt>;
}

/** A gateway in front of the given engines; those left out are unreachable. */
export async function startTestGateway(
  assembly: Assembly,
  engines: { dynamodb?: string; sqs?: string; ses?: string },
  mailbox: Pick<MailboxOptions, "quota" | "directory"> = {},
): Promise<Running> {
  const nowhere = "http://127.0.0.1:1";
  const clock = clockAt("2026-11-23T08:00:00.000Z");
  const bus = recordingBus();
  const mail = createMailbox({ assembly, clock, bus, ...mailbox });
  const gateway = await startGateway({
    assembly,
    engines: { dynamodb: nowhere, sqs: nowhere, ses: nowhere, ...engines },
    secrets: openSecrets(mailbox.directory),
    clock,
    mail,
    hostCredentials: HOST,
  });
  return { gateway, mail, bus, clock };
}

interface ClientOptions {
  readonly url: string;
  readonly credentials: Credentials;
  readonly maxAttempts?: number;
}

const config = ({ url, credentials, maxAttempts = 1 }: ClientOptions) => ({
  endpoint: url,
  region: "us-east-1",
  credentials,
  maxAttempts,
});

export const dynamodb = (options: ClientOptions): DynamoDBClient => new DynamoDBClient(config(options));
export const sqs = (options: ClientOptions): SQSClient => new SQSClient(config(options));
export const ses = (options: ClientOptions): SESClient => new SESClient(config(options));
export const secretsManager = (options: ClientOptions): SecretsManagerClient =>
  new SecretsManagerClient(config(options));
