import { expect, test } from "vitest";
import * as z from "zod";
import { routes } from "../../shared/http/routes.ts";
import { synthesize } from "./support.ts";

const list = <Schema extends z.ZodType>(schema: Schema) => z.union([schema.transform((one) => [one]), z.array(schema)]);
const statementSchema = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: list(z.string()),
  Resource: list(z.unknown()),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});
const policySchema = z.object({
  PolicyDocument: z.object({ Statement: z.array(statementSchema) }),
  Roles: z.array(z.object({ Ref: z.string() })),
});

const { ofType, resources } = synthesize("prod");
const statements = ofType("AWS::IAM::Policy").flatMap((resource) => {
  const policy = policySchema.parse(resource.Properties);
  return policy.PolicyDocument.Statement.map((statement) => ({ ...statement, policy: resource.id }));
});
const touches = (prefix: string) => (statement: { Action: string[] }) =>
  statement.Action.some((action) => action.startsWith(prefix));

test("no role may do everything of anything", () => {
  expect(statements.flatMap((statement) => statement.Action).filter((action) => action.includes("*"))).toEqual([]);
});

test("no role rests on a managed policy, which grants more than is known here", () => {
  expect(ofType("AWS::IAM::Role").filter((role) => role.Properties.ManagedPolicyArns !== undefined)).toEqual([]);
});

test("the one wildcard in a resource is Lambda's own ListStreams, within the table, beside the secrets of shops and endpoints", () => {
  const wild = statements
    .filter((statement) => JSON.stringify(statement.Resource).includes("*"))
    .filter(({ Sid }) => !/^(Source|Webhook)Secrets$/.test(Sid ?? ""));
  expect(wild.map((statement) => statement.Action)).toEqual([["dynamodb:ListStreams"]]);
  expect(JSON.stringify(wild[0]?.Resource)).toContain(":table/rapport-prod/stream/*");
});

test("every function reaches only items whose keys are named, and by no request without keys", () => {
  const table = statements.filter(touches("dynamodb:")).filter(({ Sid }) => !/^(Poll|List)Stream/.test(Sid ?? ""));
  expect(table.length).toBeGreaterThan(10);
  for (const statement of table) {
    expect(statement.Condition).toEqual({
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": expect.anything() },
      Null: { "dynamodb:LeadingKeys": "false" },
    });
    expect(JSON.stringify(statement.Condition)).not.toContain('"*"');
  }
});

test.each(["Intake", "Webhooks", "Pages"])("the public function %s neither queries, deletes nor sends", (id) => {
  const own = statements.filter((statement) => statement.policy.startsWith(`${id}Role`));
  const actions = own
    .flatMap((statement) => statement.Action)
    .filter((action) => !/^(logs|secretsmanager):/.test(action));
  expect(actions.length).toBeGreaterThan(0);
  expect(actions.filter((action) => !/^dynamodb:(GetItem|PutItem|UpdateItem)$/.test(action))).toEqual([]);
});

test("the console's function, which everybody may call, reaches nothing but its log", () => {
  const own = statements.filter((statement) => statement.policy.startsWith("Console"));
  expect(own.flatMap((statement) => statement.Action)).toEqual(["logs:CreateLogStream", "logs:PutLogEvents"]);
});

test.each([
  ["SourceSecrets", "sources", ["Webhooks", "Staff", "ConnectorsWorker"]],
  ["WebhookSecrets", "webhooks", ["Staff", "WebhooksOutWorker"]],
])(
  "%s are read by those who verify or sign, written by the staff's function, and no other has any",
  (sid, path, own) => {
    const secret = statements.filter(({ Sid }) => Sid === sid);
    const actions = { read: ["GetSecretValue"], write: ["GetSecretValue", "PutSecretValue", "CreateSecret"] };
    expect(secret.map(({ policy, Action }) => [policy.replace(/Role.*/, ""), Action])).toEqual(
      own.map((name) => [
        name,
        actions[name === "Staff" ? "write" : "read"].map((action) => `secretsmanager:${action}`),
      ]),
    );
    for (const { Resource } of secret) {
      expect(JSON.stringify(Resource)).toMatch(new RegExp(`:secretsmanager:.*:secret:rapport/prod/${path}/\\*"`));
    }
  },
);

test("secrets are reached under these paths alone", () => {
  const sids = statements.filter(touches("secretsmanager:")).map(({ Sid }) => Sid);
  expect([...new Set(sids)].sort()).toEqual(["SourceSecrets", "WebhookSecrets"]);
});

test("no function may scan", () => {
  expect(statements.filter((statement) => statement.Action.includes("dynamodb:Scan"))).toEqual([]);
});

test("only the mail function sends mail, and only from the account's own sender", () => {
  const senders = statements.filter(touches("ses:"));
  expect(
    senders.map((statement) => [statement.policy.startsWith("Mail"), statement.Action, statement.Condition]),
  ).toEqual([[true, ["ses:SendRawEmail"], { StringEquals: { "ses:FromAddress": "hello@example.com" } }]]);
});

test("the scheduler's roles are for this account alone", () => {
  const roles = ofType("AWS::IAM::Role").filter((role) => JSON.stringify(role).includes("scheduler.amazonaws.com"));
  expect(roles).toHaveLength(ofType("AWS::Scheduler::Schedule").length);
  for (const role of roles) {
    expect(JSON.stringify(role.Properties.AssumeRolePolicyDocument)).toContain(
      '"aws:SourceAccount":{"Ref":"AWS::AccountId"}',
    );
  }
});

test("API Gateway has one permission for each function behind it, whatever the number of routes", () => {
  const serving = new Set(routes.map((route) => route.function));
  expect(ofType("AWS::Lambda::Permission")).toHaveLength(serving.size);
});

test("nothing is deployed by a custom resource", () => {
  const custom = resources.filter(
    ({ Type }) => Type.startsWith("Custom::") || Type === "AWS::CloudFormation::CustomResource",
  );
  expect(custom).toEqual([]);
});
