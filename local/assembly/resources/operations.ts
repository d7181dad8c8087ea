import * as z from "zod";
import { defineResource, type Identity, type ResourceType } from "../resource.ts";

/** Resources that watch, encrypt or bill: they are read, so that others can refer to them, and do nothing here. */

const named = (key: string) => z.object({ [key]: z.optional(z.string()) });
const nameOr = (key: string, length: number) => (it: Readonly<Record<string, unknown>>, identity: Identity) => {
  const name = it[key];
  return typeof name === "string" ? name : identity.generatedName(length);
};

const logGroupName = nameOr("LogGroupName", 512);
const logGroup = defineResource({
  type: "AWS::Logs::LogGroup",
  properties: named("LogGroupName"),
  ignoredEntirely: "the host keeps one log stream with the function's name in each line; retention is the developer's",
  ref: logGroupName,
  attributes: { Arn: (it, identity) => `${identity.arn("logs", `log-group:${logGroupName(it, identity)}`)}:*` },
});

const alarmName = nameOr("AlarmName", 255);
const alarm = defineResource({
  type: "AWS::CloudWatch::Alarm",
  properties: named("AlarmName"),
  ignoredEntirely: "nobody is on call for a laptop; GET /_local/state shows the dead letters",
  ref: alarmName,
  attributes: { Arn: (it, identity) => identity.arn("cloudwatch", `alarm:${alarmName(it, identity)}`) },
});

const dashboard = defineResource({
  type: "AWS::CloudWatch::Dashboard",
  properties: named("DashboardName"),
  ignoredEntirely: "no metrics are drawn here",
  ref: nameOr("DashboardName", 255),
});

const topicName = nameOr("TopicName", 256);
const topic = defineResource({
  type: "AWS::SNS::Topic",
  properties: named("TopicName"),
  ignoredEntirely: "topics only carry alarms to people; a function that publishes is answered AccessDenied",
  ref: (it, identity) => identity.arn("sns", topicName(it, identity)),
  attributes: {
    TopicArn: (it, identity) => identity.arn("sns", topicName(it, identity)),
    TopicName: topicName,
  },
});

const subscription = defineResource({
  type: "AWS::SNS::Subscription",
  properties: z.object({}),
  ignoredEntirely: "topics carry nothing here",
  ref: (_, identity) => identity.arn("sns", identity.generatedName(256)),
});

const topicPolicy = defineResource({
  type: "AWS::SNS::TopicPolicy",
  properties: z.object({}),
  ignoredEntirely: "topics carry nothing here",
  ref: (_, identity) => identity.generatedName(100),
});

const key = defineResource({
  type: "AWS::KMS::Key",
  properties: z.object({}),
  ignoredEntirely: "data lies on the laptop's own disk",
  ref: (_, identity) => identity.generatedId(36),
  attributes: {
    Arn: (_, identity) => identity.arn("kms", `key/${identity.generatedId(36)}`),
    KeyId: (_, identity) => identity.generatedId(36),
  },
});

const alias = defineResource({
  type: "AWS::KMS::Alias",
  properties: z.object({ AliasName: z.string() }),
  ignoredEntirely: "data lies on the laptop's own disk",
  ref: (it) => it.AliasName,
});

const budget = defineResource({
  type: "AWS::Budgets::Budget",
  properties: z.object({}),
  ignoredEntirely: "a laptop sends no bill",
  ref: (_, identity) => identity.generatedName(100),
});

const metadata = defineResource({
  type: "AWS::CDK::Metadata",
  properties: z.object({}),
  ignoredEntirely: "statistics of the CDK",
  ref: (_, identity) => identity.generatedName(100),
});

const parameterName = nameOr("Name", 1011);
const parameter = defineResource({
  type: "AWS::SSM::Parameter",
  properties: z.strictObject({
    Name: z.optional(z.string()),
    Type: z.enum(["String", "StringList"]),
    Value: z.string(),
  }),
  ignored: {
    AllowedPattern: "the value was checked when it was written",
    DataType: "only texts are kept",
    Description: "a note to people",
    Policies: "parameters do not expire here",
    Tags: "tags change nothing at run time",
    Tier: "tiers only change the bill",
  },
  ref: parameterName,
  attributes: { Value: (it) => it.Value, Type: (it) => it.Type },
});

export const operations: readonly ResourceType[] = [
  logGroup,
  alarm,
  dashboard,
  topic,
  subscription,
  topicPolicy,
  key,
  alias,
  budget,
  metadata,
  parameter,
];
