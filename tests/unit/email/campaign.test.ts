import { expect, test } from "vitest";
import { variantOf } from "../../../shared/email/campaign.ts";

test.each([
  [{}, undefined],
  [{ subject: "b" }, "subject:b"],
  [{ subject: "b", audience: "mailed" }, "audience:mailed subject:b"],
])("the ways taken at splits %j are the variant %s, in whatever order they were taken", (variants, expected) => {
  expect(variantOf(variants)).toBe(expected);
});
