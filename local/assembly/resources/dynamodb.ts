import * as z from "zod";
import type { IndexModel, KeyModel, TableModel } from "../model.ts";
import { defineResource, flag, type Identity, type ResourceType } from "../resource.ts";

const keySchema = z.array(z.strictObject({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }));
const attributes = z.array(z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) }));

const index = z.strictObject({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.strictObject({
    ProjectionType: z.optional(z.enum(["ALL", "KEYS_ONLY", "INCLUDE"])),
    NonKeyAttributes: z.optional(z.array(z.string())),
  }),
});

const common = {
  TableName: z.optional(z.string()),
  KeySchema: keySchema,
  AttributeDefinitions: attributes,
  GlobalSecondaryIndexes: z.optional(z.array(index)),
  TimeToLiveSpecification: z.optional(z.strictObject({ AttributeName: z.optional(z.string()), Enabled: flag })),
  StreamSpecification: z.optional(
    z.strictObject({ StreamViewType: z.enum(["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]) }),
  ),
  BillingMode: z.optional(z.literal("PAY_PER_REQUEST")),
};

const schema = z.strictObject(common);
type Properties = z.infer<typeof schema>;

const throughput = "the engine has no capacity limits; the gateway injects throttles on request";
const ignoredOnBoth = {
  SSESpecification: "the engine's file is as safe as the laptop's disk",
  "GlobalSecondaryIndexes.WriteProvisionedThroughputSettings": throughput,
  "GlobalSecondaryIndexes.WriteOnDemandThroughputSettings": throughput,
  "GlobalSecondaryIndexes.ReadOnDemandThroughputSettings": throughput,
  "GlobalSecondaryIndexes.OnDemandThroughput": throughput,
  "GlobalSecondaryIndexes.ContributorInsightsSpecification": "nothing reads the insights on a laptop",
  "GlobalSecondaryIndexes.WarmThroughput": throughput,
  WarmThroughput: throughput,
};

const tableName = (properties: { readonly TableName?: string | undefined }, identity: Identity) =>
  properties.TableName ?? identity.generatedName(255);

const ref = tableName;
const tableArn = (properties: Properties, identity: Identity) =>
  identity.arn("dynamodb", `table/${tableName(properties, identity)}`);

const attributesOfTable = {
  Arn: tableArn,
  StreamArn: (properties: Properties, identity: Identity) => `${tableArn(properties, identity)}/stream/local`,
  TableId: (_: Properties, identity: Identity) => identity.generatedId(32),
};

function toModel(properties: Properties, identity: Identity): TableModel {
  const key = (name: string): KeyModel => {
    const definition = properties.AttributeDefinitions.find((attribute) => attribute.AttributeName === name);
    if (definition === undefined) throw identity.error(`the key ${name} has no attribute definition`);
    return { name, type: definition.AttributeType };
  };
  const keys = (part: z.infer<typeof keySchema>): Pick<IndexModel, "partitionKey" | "sortKey"> => {
    const hash = part.find((element) => element.KeyType === "HASH");
    const range = part.find((element) => element.KeyType === "RANGE");
    if (hash === undefined) throw identity.error("a key schema has no HASH key");
    return { partitionKey: key(hash.AttributeName), ...(range ? { sortKey: key(range.AttributeName) } : {}) };
  };
  const stream = properties.StreamSpecification;
  const ttl = properties.TimeToLiveSpecification;
  return {
    name: tableName(properties, identity),
    arn: tableArn(properties, identity),
    ...(stream
      ? { streamArn: attributesOfTable.StreamArn(properties, identity), streamViewType: stream.StreamViewType }
      : {}),
    ...keys(properties.KeySchema),
    indexes: (properties.GlobalSecondaryIndexes ?? []).map((gsi) => ({
      name: gsi.IndexName,
      ...keys(gsi.KeySchema),
      projection: { type: gsi.Projection.ProjectionType ?? "ALL", attributes: gsi.Projection.NonKeyAttributes ?? [] },
    })),
    ...(ttl?.Enabled === true && ttl.AttributeName !== undefined ? { ttlAttribute: ttl.AttributeName } : {}),
  };
}

const globalTable = defineResource({
  type: "AWS::DynamoDB::GlobalTable",
  properties: z.strictObject({
    ...common,
    Replicas: z.array(z.strictObject({ Region: z.string() })).max(1, "one replica"),
  }),
  ignored: {
    ...ignoredOnBoth,
    WriteProvisionedThroughputSettings: throughput,
    WriteOnDemandThroughputSettings: throughput,
    ReadOnDemandThroughputSettings: throughput,
    "Replicas.PointInTimeRecoverySpecification": "a laptop's data is restored by copying its folder",
    "Replicas.DeletionProtectionEnabled": "nothing deletes tables here",
    "Replicas.TableClass": "storage classes only change the bill",
    "Replicas.Tags": "tags change nothing at run time",
    "Replicas.ContributorInsightsSpecification": "nothing reads the insights on a laptop",
    "Replicas.SSESpecification": "the engine's file is as safe as the laptop's disk",
    "Replicas.GlobalSecondaryIndexes": "only capacity and insights are set per replica",
    "Replicas.ReadOnDemandThroughputSettings": throughput,
    "Replicas.ReadProvisionedThroughputSettings": throughput,
  },
  ref,
  attributes: attributesOfTable,
  collect: ({ Replicas, ...properties }, identity, parts) => parts.tables.push(toModel(properties, identity)),
});

const table = defineResource({
  type: "AWS::DynamoDB::Table",
  properties: z.strictObject({ ...common, BillingMode: z.optional(z.enum(["PAY_PER_REQUEST", "PROVISIONED"])) }),
  ignored: {
    ...ignoredOnBoth,
    ProvisionedThroughput: throughput,
    OnDemandThroughput: throughput,
    "GlobalSecondaryIndexes.ProvisionedThroughput": throughput,
    PointInTimeRecoverySpecification: "a laptop's data is restored by copying its folder",
    DeletionProtectionEnabled: "nothing deletes tables here",
    TableClass: "storage classes only change the bill",
    Tags: "tags change nothing at run time",
    ContributorInsightsSpecification: "nothing reads the insights on a laptop",
  },
  ref,
  attributes: {
    Arn: ({ BillingMode, ...properties }, identity) => tableArn(properties, identity),
    StreamArn: ({ BillingMode, ...properties }, identity) => attributesOfTable.StreamArn(properties, identity),
  },
  collect: ({ BillingMode, ...properties }, identity, parts) => parts.tables.push(toModel(properties, identity)),
});

export const dynamodb: readonly ResourceType[] = [globalTable, table];
