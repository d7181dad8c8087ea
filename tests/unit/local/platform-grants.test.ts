import { describe, expect, it, vi } from "vitest";
import { checkPlatformGrants } from "../../../local/platform-grants.ts";
import { functionWith, queue, read } from "./assembly/assembly-folder.ts";

const all = () => true;
const mapping = {
  Type: "AWS::Lambda::EventSourceMapping",
  Properties: { EventSourceArn: { "Fn::GetAtt": ["Q", "Arn"] }, FunctionName: { Ref: "Fn" } },
};
const assembly = read({ S: { Resources: { ...functionWith(), Q: queue(), Mapping: mapping } } });

describe("what the platform does with a function's role", () => {
  it("is counted as use of the grants", () => {
    const authorize = vi.fn(all);
    checkPlatformGrants(assembly, authorize, () => undefined);
    expect(authorize).toHaveBeenCalledWith("S-Fn", "sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:000000000000:S-Q");
    expect(authorize).toHaveBeenCalledWith("S-Fn", "logs:PutLogEvents", expect.stringContaining("/aws/lambda/S-Fn"));
  });

  it.each(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])(
    "stops the start without %s",
    (missing) => {
      const authorize = (_: string, action: string) => action !== missing;
      expect(() => checkPlatformGrants(assembly, authorize, () => undefined)).toThrow(
        `The role of S-Fn lacks ${missing} on arn:aws:sqs:us-east-1:000000000000:S-Q`,
      );
    },
  );

  it("warns of logs that AWS would not get", () => {
    const warn = vi.fn();
    checkPlatformGrants(assembly, (_, action) => !action.startsWith("logs:"), warn);
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      "S-Fn could not write its logs on AWS: its role lacks logs:CreateLogStream.",
    );
  });
});
