import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";

/** A call that hangs must fail while its function still has time to say so. Units: milliseconds. */
const requestHandler = { connectionTimeout: 1_000, requestTimeout: 5_000 };

/**
 * Throttling passes within a few tries; what it outlasts goes to the retry queue, which waits for nothing, while a function
 * that waits is paid for. So a pause is at most 100, 200 and 400 ms, where the SDK's own would be 1, 2 and 4 seconds.
 */
const retryStrategy = () => new ConfiguredRetryStrategy(4, (attempt) => Math.random() * 50 * 2 ** attempt);

export function dynamoDbClient(): DynamoDBClient {
  return new DynamoDBClient({ retryStrategy: retryStrategy(), requestHandler });
}

export function sqsClient(): SQSClient {
  return new SQSClient({ retryStrategy: retryStrategy(), requestHandler });
}

export function secretsManagerClient(): SecretsManagerClient {
  return new SecretsManagerClient({ retryStrategy: retryStrategy(), requestHandler });
}
