import { describe, expect, it } from "vitest";
import { type Consent, type ConsentRequest, decide } from "../../../shared/consent/consent.ts";

const at = (hours: number) => new Date(Date.parse("2026-03-01T12:00:00.000Z") + hours * 3_600_000).toISOString();
const who = { addressHash: "hash", contactId: "c1" };
const withdraw = (hours: number): ConsentRequest => ({ type: "withdraw", at: at(hours), ...who });
const shop = (
  hours: number,
  decision: "subscribed" | "unsubscribed",
  more: { readonly confirmed?: boolean; readonly dated?: boolean } = {},
): ConsentRequest => ({
  type: "report",
  decision,
  at: at(hours),
  heardAt: at(100),
  ...who,
  address: "ada@example.com",
  source: "shop",
  dated: true,
  confirmed: false,
  ...more,
});

function stateAfter(requests: readonly ConsentRequest[]): Consent["state"] | undefined {
  return requests.reduce<Consent | undefined>(
    (held, request) => decide(held, request, new Date(at(100))) ?? held,
    undefined,
  )?.state;
}

describe("what a shop says of a consent", () => {
  it.each<[string, ConsentRequest[], Consent["state"]]>([
    ["grants what was never asked", [shop(1, "subscribed")], "granted"],
    ["ends what was granted", [shop(1, "subscribed"), shop(2, "unsubscribed")], "withdrawn"],
    ["never undoes a withdrawal, not even when it is newer", [withdraw(1), shop(2, "subscribed")], "withdrawn"],
    ["undoes it when the person confirmed later", [withdraw(1), shop(2, "subscribed", { confirmed: true })], "granted"],
    ["is too old", [withdraw(2), shop(1, "subscribed", { confirmed: true })], "withdrawn"],
    ["has no date", [withdraw(1), shop(2, "subscribed", { confirmed: true, dated: false })], "withdrawn"],
  ])("%s", (_, requests, state) => {
    expect(stateAfter(requests)).toBe(state);
  });

  it.each<[string, ConsentRequest[]]>([
    ["single", [shop(1, "unsubscribed"), shop(2, "subscribed")]],
    ["confirmed", [shop(1, "unsubscribed"), shop(2, "subscribed", { confirmed: true })]],
    ["ended", [shop(1, "subscribed", { confirmed: true }), shop(2, "unsubscribed")]],
  ])("comes to the same in either order: %s", (_, requests) => {
    expect(stateAfter(requests.toReversed())).toBe(stateAfter(requests));
  });

  it("keeps when it was said and when we heard of it, so that old subscribers are not welcomed", () => {
    expect(decide(undefined, shop(1, "subscribed"), new Date(at(100)))).toMatchObject({
      method: "single-opt-in",
      source: "shop",
      grantedAt: at(1),
      heardAt: at(100),
    });
  });
});
