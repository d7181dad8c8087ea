import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { describe, expect, test } from "vitest";
import { synthesize } from "./support.ts";

describe.each(["dev", "prod"])("cdk-nag on stage %s", (stage) => {
  const { app } = synthesize(stage);

  test.each([new AwsSolutionsChecks(app), new ServerlessChecks(app)])("$name finds nothing unsuppressed", (pack) => {
    const findings = pack
      .validateScope(app)
      .violations.flatMap((violation) =>
        violation.violatingResources.map((resource) => `${violation.ruleName} at ${resource.constructPath}`),
      );
    expect(findings).toEqual([]);
  });
});
