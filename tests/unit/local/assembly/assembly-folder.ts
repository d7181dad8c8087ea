// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the placeholders of Fn::Sub.
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Assembly } from "../../../../local/assembly/model.ts";
import { listApis, readAssembly } from "../../../../local/assembly/reader.ts";

type Template = Readonly<Record<string, unknown>>;

/** Writes a cloud assembly of these stacks, with one bundled asset `code.zip`, and answers its folder. */
export function assemblyFolder(
  stacks: Readonly<Record<string, Template>>,
  environment = "aws://unknown-account/unknown-region",
): string {
  const directory = mkdtempSync(join(tmpdir(), "assembly-"));
  const write = (name: string, content: unknown) => writeFileSync(join(directory, name), JSON.stringify(content));
  mkdirSync(join(directory, "asset.code"));
  write("Code.assets.json", {
    files: {
      code: { source: { path: "asset.code", packaging: "zip" }, destinations: { a: { objectKey: "code.zip" } } },
    },
  });
  const artifacts: Record<string, unknown> = {
    "Code.assets": { type: "cdk:asset-manifest", properties: { file: "Code.assets.json" } },
  };
  for (const [name, template] of Object.entries(stacks)) {
    write(`${name}.template.json`, { Resources: {}, ...template });
    artifacts[name] = {
      type: "aws:cloudformation:stack",
      environment,
      properties: { templateFile: `${name}.template.json` },
    };
  }
  write("manifest.json", { artifacts });
  return directory;
}

export const place = { region: "us-east-1", account: "000000000000" } as const;

export function read(stacks: Readonly<Record<string, Template>>, environment?: string): Assembly {
  const directory = assemblyFolder(stacks, environment);
  const apis = Object.fromEntries(listApis(directory).map((id, index) => [id, `http://127.0.0.1:${4010 + index}`]));
  return readAssembly(directory, {
    ...place,
    urls: { sqs: "http://127.0.0.1:4001", oidcIssuer: "http://127.0.0.1:4006", apis },
  });
}

/** A function with its role, as the CDK writes them. */
export function functionWith(properties: Template = {}, statements: readonly unknown[] = []): Template {
  return {
    Role: { Type: "AWS::IAM::Role", Properties: { AssumeRolePolicyDocument: {} } },
    Policy: {
      Type: "AWS::IAM::Policy",
      Properties: { PolicyName: "p", Roles: [{ Ref: "Role" }], PolicyDocument: { Statement: statements } },
    },
    Fn: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Code: { S3Bucket: { "Fn::Sub": "cdk-assets-${AWS::AccountId}-${AWS::Region}" }, S3Key: "code.zip" },
        Handler: "index.handler",
        Role: { "Fn::GetAtt": ["Role", "Arn"] },
        Runtime: "nodejs24.x",
        ...properties,
      },
    },
  };
}

export const queue = (properties: Template = {}) => ({ Type: "AWS::SQS::Queue", Properties: properties });
