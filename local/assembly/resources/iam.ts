import * as z from "zod";
import type { PolicyStatement } from "../model.ts";
import { defineResource, type Identity, type ResourceType } from "../resource.ts";

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const textOrList = z.union([text.transform((one) => [one]), z.array(text)]);

const statement = z.strictObject({
  Sid: z.optional(z.string()),
  Effect: z.enum(["Allow", "Deny"]),
  Action: textOrList,
  Resource: textOrList,
  Condition: z._default(z.record(z.string(), z.record(z.string(), textOrList)), {}),
});

const document = z.strictObject({
  Version: z.optional(z.string()),
  Statement: z.union([z.array(statement), statement.transform((one) => [one])]),
});

function statements(policy: z.infer<typeof document>): PolicyStatement[] {
  return policy.Statement.map((it) => ({
    effect: it.Effect,
    actions: it.Action,
    resources: it.Resource,
    conditions: it.Condition,
  }));
}

const roleProperties = z.strictObject({
  RoleName: z.optional(z.string()),
  Path: z.optional(z.string()),
  ManagedPolicyArns: z._default(z.array(z.string()), []),
  Policies: z._default(z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: document })), []),
});
const roleName = (it: z.infer<typeof roleProperties>, identity: Identity) => it.RoleName ?? identity.generatedName(64);
const roleArn = (it: z.infer<typeof roleProperties>, identity: Identity) =>
  `arn:aws:iam::${identity.account}:role${it.Path ?? "/"}${roleName(it, identity)}`;

const role = defineResource({
  type: "AWS::IAM::Role",
  properties: roleProperties,
  ignored: {
    AssumeRolePolicyDocument: "the host gives each function its role's credentials itself",
    Description: "a note to people",
    MaxSessionDuration: "credentials last as long as the process",
    PermissionsBoundary: "the organisation's boundary is not known here",
    Tags: "tags change nothing at run time",
  },
  ref: roleName,
  attributes: { Arn: roleArn, RoleId: (_, identity) => identity.generatedId(20) },
  collect: (it, identity, parts) => {
    const name = roleName(it, identity);
    parts.roles.push({ name, arn: roleArn(it, identity), managedPolicyArns: it.ManagedPolicyArns });
    for (const policy of it.Policies) {
      parts.rolePolicies.push({ roleName: name, statements: statements(policy.PolicyDocument) });
    }
  },
});

const attachment = { Roles: z._default(z.array(z.string()), []), PolicyDocument: document };

const policy = defineResource({
  type: "AWS::IAM::Policy",
  properties: z.strictObject({ PolicyName: z.string(), ...attachment }),
  ref: (it) => it.PolicyName,
  collect: (it, _, parts) => {
    for (const name of it.Roles) {
      parts.rolePolicies.push({ roleName: name, statements: statements(it.PolicyDocument) });
    }
  },
});

const managedProperties = z.strictObject({
  ManagedPolicyName: z.optional(z.string()),
  Path: z.optional(z.string()),
  ...attachment,
});
const managedArn = (it: z.infer<typeof managedProperties>, identity: Identity) =>
  `arn:aws:iam::${identity.account}:policy${it.Path ?? "/"}${it.ManagedPolicyName ?? identity.generatedName(128)}`;

const managedPolicy = defineResource({
  type: "AWS::IAM::ManagedPolicy",
  properties: managedProperties,
  ignored: { Description: "a note to people", Tags: "tags change nothing at run time" },
  ref: managedArn,
  attributes: { PolicyArn: managedArn },
  collect: (it, identity, parts) => {
    parts.managedPolicies.push({ arn: managedArn(it, identity), statements: statements(it.PolicyDocument) });
    for (const name of it.Roles) {
      parts.rolePolicies.push({ roleName: name, statements: statements(it.PolicyDocument) });
    }
  },
});

export const iam: readonly ResourceType[] = [role, policy, managedPolicy];
