import { describe, expect, test } from "vitest";
import { synthesize } from "./support.ts";

const { stacks } = synthesize("prod");

describe("the template of", () => {
  test.each(stacks)("$title changes only on purpose", ({ template }) => {
    // Code changes all the time; what is deployed around it does not.
    const text = JSON.stringify(template.toJSON(), undefined, 2).replaceAll(/[0-9a-f]{64}/g, "<asset>");
    expect(text).toMatchSnapshot();
  });
});
