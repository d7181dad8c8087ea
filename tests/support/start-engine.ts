import type { TestProject } from "vitest/node";
import { startDynamoDbLocal } from "./dynamodb-local.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the one DynamoDB Local of the run listens. */
    dynamoDbUrl: string;
  }
}

/** Starts the engine that all unit tests share: a Java machine for each file costs more than the tests in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { url, close } = await startDynamoDbLocal();
  project.provide("dynamoDbUrl", url);
  return close;
}
