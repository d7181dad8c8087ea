import { describe, expect, test } from "vitest";
import * as z from "zod";
import { functions } from "../../infra/functions.ts";
import { environments, type FunctionName } from "../../shared/runtime/environments.ts";
import { synthesize } from "./support.ts";

const { ofType } = synthesize("dev");
const functionSchema = z.looseObject({
  FunctionName: z.string(),
  MemorySize: z.number(),
  Timeout: z.number(),
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  Handler: z.string(),
  LoggingConfig: z.object({
    LogFormat: z.literal("JSON"),
    LogGroup: z.object({ Ref: z.string() }),
    SystemLogLevel: z.literal("WARN"),
  }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});
const names = Object.keys(functions) as FunctionName[];
const lambdas = ofType("AWS::Lambda::Function").map((resource) => functionSchema.parse(resource.Properties));

test("each declared function is deployed, and no other", () => {
  expect(lambdas.map((lambda) => lambda.FunctionName).sort()).toEqual(
    names.map((name) => `rapport-dev-${name}`).sort(),
  );
});

describe.each(names)("%s", (name) => {
  const lambda = functionSchema.parse(lambdas.find((each) => each.FunctionName === `rapport-dev-${name}`));

  test("runs on Node 24 on arm64 with the memory and the time-out of its declaration", () => {
    expect(lambda).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      MemorySize: functions[name].memoryMb,
      Timeout: functions[name].timeoutSeconds,
    });
    expect(functions[name].reason).toMatch(/^[A-Z].{20,}\.$/);
  });

  test("logs to a group of its own that forgets after a month", () => {
    const group = ofType("AWS::Logs::LogGroup").find((each) => each.id === lambda.LoggingConfig.LogGroup.Ref);
    expect(group?.Properties).toMatchObject({ LogGroupName: `/aws/lambda/rapport-dev-${name}`, RetentionInDays: 30 });
  });

  test("finds in its environment what its schema asks for, and nothing that nobody reads", () => {
    const own = Object.entries(lambda.Environment.Variables).filter(([key]) => !key.startsWith("POWERTOOLS_"));
    // What only a deployment knows is an intrinsic in the template; all of them are URLs.
    const values = own.map(([key, value]) => [
      key,
      typeof value === "string" ? value : "https://example.com/known-later",
    ]);
    const parsed = z.core.safeParse(environments[name], Object.fromEntries(values));
    expect(parsed.error?.issues ?? []).toEqual([]);
    const declared = Object.keys(environments[name].def.shape);
    expect(declared).toEqual(expect.arrayContaining(own.map(([key]) => key)));
  });
});
