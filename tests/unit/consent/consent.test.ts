import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Consent, type ConsentRequest, decide, isPending } from "../../../shared/consent/consent.ts";

const start = Date.parse("2026-03-01T12:00:00.000Z");
const hour = 3_600_000;
const instant = (hours: number) => new Date(start + hours * hour);
const at = (hours: number) => instant(hours).toISOString();
const who = { addressHash: "hash", contactId: "c1" };

const tick = (hours: number, doubleOptIn = true): ConsentRequest => ({
  type: "tick",
  at: at(hours),
  eventId: `e${hours}`,
  ...who,
  address: "ada@example.com",
  text: "Yes, send me news.",
  textVersion: "1",
  source: "contact",
  doubleOptIn,
});
const confirm = (hours: number): ConsentRequest => ({ type: "confirm", at: at(hours), ...who });
const withdraw = (hours: number): ConsentRequest => ({ type: "withdraw", at: at(hours), ...who });

const pause = (hours: number): ConsentRequest => ({ type: "pause", at: at(hours), ...who });
const resume = (hours: number): ConsentRequest => ({ type: "resume", at: at(hours), ...who });

/** Each request at its own time, unless a time is given. */
function consentAfter(requests: readonly ConsentRequest[], now?: Date): Consent | undefined {
  let consent: Consent | undefined;
  for (const request of requests) consent = decide(consent, request, now ?? new Date(request.at)) ?? consent;
  return consent;
}

describe("the consent of an address", () => {
  it.each<[string, ConsentRequest[], Consent["state"] | undefined]>([
    ["a tick waits for confirmation", [tick(0)], "pending"],
    ["a confirmation grants", [tick(0), confirm(1)], "granted"],
    ["a confirmation on the 30th day grants", [tick(0), confirm(719)], "granted"],
    ["a confirmation after 30 days does nothing", [tick(0), confirm(721)], "pending"],
    ["a confirmation of nothing does nothing", [confirm(1)], undefined],
    ["single opt-in grants at once", [tick(0, false)], "granted"],
    ["single opt-in grants what was pending", [tick(0), tick(1, false)], "granted"],
    [
      "single opt-in asks who withdrew before: anyone can type an address",
      [tick(0, false), withdraw(1), tick(2, false)],
      "pending",
    ],
    ["however often it is ticked", [withdraw(1), tick(2, false), tick(3, false), tick(40, false)], "pending"],
    ["a tick of who has agreed changes nothing", [tick(0), confirm(1), tick(2)], "granted"],
    ["a withdrawal ends it", [tick(0), confirm(1), withdraw(2)], "withdrawn"],
    ["a withdrawal ends what is pending", [tick(0), withdraw(2)], "withdrawn"],
    ["a withdrawal without any consent is kept", [withdraw(2)], "withdrawn"],
    ["a confirmation after a withdrawal does nothing", [tick(0), withdraw(1), confirm(2)], "withdrawn"],
    ["who withdrew and ticks again is asked again", [tick(0), confirm(1), withdraw(2), tick(40)], "pending"],
    ["and grants again", [tick(0), confirm(1), withdraw(2), tick(40), confirm(41)], "granted"],
  ])("%s", (_, requests, state) => {
    expect(consentAfter(requests)?.state).toBe(state);
  });

  it.each<[string, ConsentRequest[], Consent["state"]]>([
    ["a tick that is older than the withdrawal", [withdraw(2), tick(1)], "withdrawn"],
    ["a tick between two withdrawals", [withdraw(1), withdraw(3), tick(2)], "withdrawn"],
    ["a withdrawal that is older than the tick", [tick(3), confirm(4), withdraw(2)], "granted"],
    [
      "a withdrawal that is older than what was granted without a confirmation",
      [tick(3, false), withdraw(2)],
      "withdrawn",
    ],
    ["a withdrawal between tick and confirmation", [tick(1), confirm(3), withdraw(2)], "withdrawn"],
  ])("heard late: %s", (_, requests, state) => {
    expect(consentAfter(requests, instant(5))?.state).toBe(state);
  });

  it("asks by one mail in 24 hours, and by another after that", () => {
    const first = consentAfter([tick(0)]);
    expect(first?.confirmationId).toMatch(/^[0-9a-f]{32}$/);
    expect(decide(first, tick(23), instant(23))).toBeUndefined();
    const second = decide(first, tick(25), instant(25));
    expect(second).toMatchObject({ state: "pending", requestedAt: at(25), confirmationSentAt: at(25) });
    expect(second?.confirmationId).not.toBe(first?.confirmationId);
  });

  it("asks by the mail that is there when someone withdraws and comes back on the same day", () => {
    const before = consentAfter([tick(0)]);
    const back = consentAfter([tick(0), withdraw(1), tick(2)]);
    expect(back).toMatchObject({ state: "pending", confirmationId: before?.confirmationId, requestedAt: at(2) });
    expect(consentAfter([tick(0), withdraw(1), tick(2), confirm(3)])?.state).toBe("granted");
  });

  it("is over 30 days after it was asked for", () => {
    const consent = consentAfter([tick(0)]);
    expect([isPending(consent, instant(719)), isPending(consent, instant(721))]).toEqual([true, false]);
    expect(consentAfter([tick(0), tick(800)])).toMatchObject({ state: "pending", requestedAt: at(800) });
  });

  it("keeps the wording as it was shown, who showed it, and what went before", () => {
    expect(consentAfter([tick(0), confirm(1), withdraw(2)])).toMatchObject({
      address: "ada@example.com",
      text: "Yes, send me news.",
      textVersion: "1",
      source: "contact",
      method: "double-opt-in",
      grantedAt: at(1),
      withdrawnAt: at(2),
      history: [
        { state: "withdrawn", at: at(2) },
        { state: "granted", at: at(1) },
        { state: "pending", at: at(0) },
      ],
      version: 3,
    });
  });
});

describe("whatever happens in whatever order", () => {
  const request = fc
    .tuple(fc.constantFrom("tick", "single", "confirm", "withdraw"), fc.integer({ min: 0, max: 100 }))
    .map(([type, hours]) => {
      if (type === "tick" || type === "single") return tick(hours, type === "tick");
      return type === "confirm" ? confirm(hours) : withdraw(hours);
    });
  const requests = fc.array(request, { maxLength: 12 });

  it("the same request again changes nothing", () => {
    fc.assert(
      fc.property(requests, (list) => {
        let consent: Consent | undefined;
        for (const each of list) {
          consent = decide(consent, each, instant(100)) ?? consent;
          expect(decide(consent, each, instant(100))).toBeUndefined();
        }
      }),
    );
  });

  it("a withdrawal that is later than every tick wins", () => {
    fc.assert(
      fc.property(requests, fc.nat(12), (list, place) => {
        const shuffled = [...list.slice(0, place), withdraw(101), ...list.slice(place)];
        expect(consentAfter(shuffled, instant(102))?.state).toBe("withdrawn");
      }),
    );
  });

  it("nothing is granted that was not ticked", () => {
    fc.assert(
      fc.property(requests, (list) => {
        const consent = consentAfter(list, instant(102));
        if (consent?.state === "granted") expect(list.some(({ type }) => type === "tick")).toBe(true);
        if (consent !== undefined) expect(consent.history.length).toBeLessThanOrEqual(10);
      }),
    );
  });
});

describe("a choice in the preference centre", () => {
  const granted = [tick(0), confirm(1)];
  it.each<[string, ConsentRequest[], Consent["state"] | undefined, string | undefined]>([
    ["a pause lasts 30 days and leaves the consent", [...granted, pause(2)], "granted", at(2 + 720)],
    ["a pause of nothing is none", [pause(2)], undefined, undefined],
    ["all ends a pause", [...granted, pause(2), resume(3)], "granted", undefined],
    ["an older one does not", [...granted, pause(3), resume(2)], "granted", at(3 + 720)],
    ["all brings back who had agreed and withdrew", [...granted, withdraw(2), resume(3)], "granted", undefined],
    ["but not against a later withdrawal", [...granted, withdraw(4), resume(3)], "withdrawn", undefined],
    ["nor who never agreed", [withdraw(2), resume(3)], "withdrawn", undefined],
    ["nor who has not confirmed", [tick(0), resume(3)], "pending", undefined],
  ])("%s", (_, requests, state, pausedUntil) => {
    const consent = consentAfter(requests);
    expect([consent?.state, consent?.pausedUntil]).toEqual([state, pausedUntil]);
  });

  it("does not make a pause a new subscription", () => {
    expect(consentAfter([...granted, pause(2), resume(3)])?.grantedAt).toBe(consentAfter(granted)?.grantedAt);
  });
});
