import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";

/** Whether a write with a condition was made: false when what stands does not meet it, and nothing was changed. */
export async function isWritten(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
