import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { rateKey } from "./intake-keys.ts";
import { senderOf } from "./sender.ts";

/** Who sends to what, and how often that may be. */
export interface Attempt {
  /** What is counted by itself: a form's id, a key. */
  readonly counter: string;
  readonly sourceIp: string;
  readonly limit: { readonly submissions: number; readonly perSeconds: number };
  readonly now: Date;
}

/**
 * Counts a request in its window of time. Costs one write unit.
 *
 * @throws DomainError rate_limited when the window is full.
 */
export async function countRequest(table: Table, { counter, sourceIp, limit, now }: Attempt): Promise<void> {
  const length = limit.perSeconds * 1000;
  const start = Math.floor(now.getTime() / length) * length;
  const window = new Date(start).toISOString();
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        // The window is part of the hash: who comes again later cannot be told from it.
        Key: rateKey(counter, digestOf(["sender", counter, window, senderOf(sourceIp)]), window),
        UpdateExpression: "SET kind = :kind, expiresAt = :end ADD submissions :one",
        ConditionExpression: "attribute_not_exists(submissions) OR submissions < :most",
        ExpressionAttributeValues: {
          ":kind": "rate",
          ":end": Math.ceil((start + length) / 1000),
          ":one": 1,
          ":most": limit.submissions,
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const seconds = Math.max(1, Math.ceil((start + length - now.getTime()) / 1000));
    throw new DomainError(
      "rate_limited",
      `At most ${limit.submissions} posts in ${limit.perSeconds} seconds are taken from one address. Try again in ${seconds} seconds.`,
      { retryAfterSeconds: seconds, cause: error },
    );
  }
}
