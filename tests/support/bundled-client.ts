// What the functions do with their clients, as an entry file that a test bundles as functions are bundled.
export { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
