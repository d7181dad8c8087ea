import { inject } from "vitest";

export interface Engine {
  readonly url: string;
}

/** The DynamoDB Local that all unit tests share; each test makes its own tables, and none closes it. */
export const engine: Engine = { url: inject("dynamoDbUrl") };
