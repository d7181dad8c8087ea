import { Validations } from "aws-cdk-lib";
import type { Construct } from "constructs";

/** Suppresses findings of cdk-nag on a resource and what belongs to it, each for a reason. */
export function acknowledge(scope: Construct, reasons: Readonly<Record<string, string>>): void {
  for (const [id, reason] of Object.entries(reasons)) {
    Validations.of(scope).acknowledge({ id, reason });
  }
}
