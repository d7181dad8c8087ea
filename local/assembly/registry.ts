import type { ResourceType } from "./resource.ts";
import { apigateway } from "./resources/apigateway.ts";
import { cognito } from "./resources/cognito.ts";
import { dynamodb } from "./resources/dynamodb.ts";
import { events } from "./resources/events.ts";
import { iam } from "./resources/iam.ts";
import { lambda } from "./resources/lambda.ts";
import { operations } from "./resources/operations.ts";
import { ses } from "./resources/ses.ts";
import { sqs } from "./resources/sqs.ts";

const families = [dynamodb, sqs, lambda, iam, apigateway, events, ses, cognito, operations];

/** Every resource type that the host knows, by its CloudFormation name. */
export const registry: ReadonlyMap<string, ResourceType> = new Map(
  families.flat().map((resourceType) => [resourceType.type, resourceType]),
);
