/** Modules of the SDK below the doors of its packages, which have no types of their own there. */
declare module "*/client-dynamodb/dist-es/models/errors.js" {
  export { ConditionalCheckFailedException, TransactionCanceledException } from "@aws-sdk/client-dynamodb";
}

declare module "*/client-dynamodb/dist-es/models/DynamoDBServiceException.js" {
  export { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
}
