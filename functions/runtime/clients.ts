import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";

/** A call that hangs must fail while its function still has time to say so. Units: milliseconds. */
const requestHandler = { connectionTimeout: 1_000, requestTimeout: 5_000 };

/** Throttling passes within a few tries; what it outlasts goes to the retry queue. */
const maxAttempts = 4;

export function dynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient({ maxAttempts, requestHandler });
}

export function sqsClient(): SQSClient {
  return new SQSClient({ maxAttempts, requestHandler });
}

export function secretsManagerClient(): SecretsManagerClient {
  return new SecretsManagerClient({ maxAttempts, requestHandler });
}
