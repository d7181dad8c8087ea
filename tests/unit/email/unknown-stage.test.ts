import { expect, it, vi } from "vitest";
import { unknownStage } from "../../../shared/email/unknown-stage.ts";

const item = (state: string) => ({ pk: "CONTACT#1", sk: "MESSAGE#1", kind: "message" as const, state });

it.each([
  ["UNKNOWN", "SENDING", true],
  ["UNKNOWN", undefined, true],
  ["UNKNOWN", "UNKNOWN", false],
  ["SENT", "UNKNOWN", false],
  ["SENDING", "CLAIMED", false],
])("counts a mail that is %s after %s: %s", async (state, before, counted) => {
  const count = vi.fn();
  const stage = unknownStage({ count });
  const change = { item: item(state), previous: before === undefined ? undefined : item(before) };
  if (stage.wants(change)) await stage.run(change);
  expect(count).toHaveBeenCalledTimes(counted ? 1 : 0);
});
