import { type App, CfnOutput, RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import { StringParameter } from "aws-cdk-lib/aws-ssm";
import { type Config, keepsData } from "../config-schema.ts";
import { namesOf } from "../names.ts";
import { RapportStack } from "./rapport-stack.ts";

/** The one table. */
export class DataStack extends RapportStack {
  constructor(app: App, config: Config) {
    super(app, "Data", "the table", config);
    const names = namesOf(config);
    const key = (name: string) => ({ name, type: AttributeType.STRING });
    const table = new TableV2(this, "Table", {
      tableName: names.table,
      partitionKey: key("pk"),
      sortKey: key("sk"),
      billing: Billing.onDemand(),
      timeToLiveAttribute: "expiresAt",
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      // Keys only: each write of an indexed item costs the index no more than one unit.
      globalSecondaryIndexes: [
        {
          indexName: "gsi1",
          partitionKey: key("gsi1pk"),
          sortKey: key("gsi1sk"),
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
      // DynamoDB's own key: encrypted at rest without a bill for each request, and nothing else may read the table.
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: keepsData(config),
      removalPolicy: keepsData(config) ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    if (table.tableStreamArn === undefined) {
      throw new Error("The table has no stream.");
    }
    new StringParameter(this, "StreamArn", {
      parameterName: names.streamArnParameter,
      description: "Stream of the table: read by the other stacks at each deployment (ADR 1).",
      stringValue: table.tableStreamArn,
    });
    new CfnOutput(this, "TableName", { value: table.tableName });
  }
}
