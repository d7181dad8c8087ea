import { describe, expect, it } from "vitest";
import { type Consent, type ConsentChange, decide, isPending, standingsFor } from "../../../shared/consent/consent.ts";
import {
  at,
  choose,
  colleague,
  confirm,
  consentAfter,
  frequency,
  goOn,
  instant,
  pause,
  shop,
  tick,
  withdraw,
} from "./changes.ts";

describe("the consent of an address", () => {
  it.each<[string, ConsentChange[], Consent["state"]]>([
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
    ["a colleague's word grants what nobody withdrew", [colleague(0)], "granted"],
    ["but nothing that the person withdrew", [withdraw(0), colleague(1)], "withdrawn"],
    ["nor that a colleague or a shop withdrew", [shop(0, "unsubscribed"), colleague(1)], "withdrawn"],
    ["the person's own choice does", [withdraw(0), colleague(1), choose(2)], "granted"],
  ])("%s", (_, changes, state) => {
    expect(consentAfter(changes)?.state).toBe(state);
  });

  it.each<[string, ConsentChange[], Consent["state"]]>([
    ["a tick that is older than the withdrawal", [withdraw(2), tick(1)], "withdrawn"],
    ["a tick between two withdrawals", [withdraw(1), withdraw(3), tick(2)], "withdrawn"],
    ["a withdrawal that is older than the tick", [tick(3), confirm(4), withdraw(2)], "granted"],
    ["a withdrawal older than a tick that nobody confirmed: it is asked for", [tick(3, false), withdraw(2)], "pending"],
    ["a withdrawal between tick and confirmation", [tick(1), confirm(3), withdraw(2)], "withdrawn"],
    ["a tick that comes after its confirmation", [confirm(2), tick(1)], "granted"],
  ])("heard late: %s", (_, changes, state) => {
    expect(consentAfter(changes, instant(5))?.state).toBe(state);
  });

  it("asks by one mail in 24 hours, and by another after that", () => {
    const first = consentAfter([tick(0)]);
    expect(first?.confirmationId).toMatch(/^[0-9a-f]{32}$/);
    const sooner = consentAfter([tick(0), tick(23)]);
    expect(sooner?.confirmationId).toBe(first?.confirmationId);
    const later = consentAfter([tick(0), tick(25)]);
    expect(later).toMatchObject({ state: "pending", confirmationSentAt: at(25) });
    expect(later?.confirmationId).not.toBe(first?.confirmationId);
  });

  it("asks by the mail that is there when someone withdraws and comes back on the same day", () => {
    const before = consentAfter([tick(0)]);
    const back = consentAfter([tick(0), withdraw(1), tick(2)]);
    expect(back).toMatchObject({ state: "pending", confirmationId: before?.confirmationId });
    expect(consentAfter([tick(0), withdraw(1), tick(2), confirm(3)])?.state).toBe("granted");
  });

  it("is asked of who ticked a box that needs no confirmation once an older withdrawal is heard of", () => {
    const consent = consentAfter([tick(3, false), withdraw(2)], instant(5));
    expect(consent).toMatchObject({ state: "pending", confirmationSentAt: at(5) });
  });

  it("is over 30 days after it was asked for", () => {
    const consent = consentAfter([tick(0)]);
    expect([isPending(consent, instant(719)), isPending(consent, instant(721))]).toEqual([true, false]);
    expect(consentAfter([tick(0), tick(800)])).toMatchObject({ state: "pending", pendingUntil: at(800 + 720) });
  });

  it("keeps the wording as it was shown, who showed it, and each act", () => {
    expect(consentAfter([tick(0), confirm(1), withdraw(2)])).toMatchObject({
      address: "ada@example.com",
      withdrawnAt: at(2),
      acts: [
        { type: "ask", at: at(0), by: "visitor", text: "Yes, send me news.", textVersion: "1", source: "contact" },
        { type: "confirm", at: at(1), by: "person" },
        { type: "withdraw", at: at(2), by: "person" },
      ],
      version: 3,
    });
  });

  it("holds a bounded number of acts, and no flood of ticks takes a withdrawal or a confirmation away", () => {
    const flood = Array.from({ length: 60 }, (_, index) => tick(3 + index, false));
    const left = consentAfter([tick(0), confirm(1), withdraw(2), ...flood]);
    expect([left?.state, left?.acts?.length, left?.withdrawnAt]).toEqual(["pending", 24, at(2)]);
    const right = consentAfter([choose(1), ...flood]);
    expect([right?.state, right?.acts?.length, right?.grantedAt]).toEqual(["granted", 24, at(1)]);
  });
});

describe("a topic", () => {
  const stateOf = (consent: Consent | undefined, topic?: string) =>
    standingsFor(consent, topic).map(({ state }) => state);
  it.each<[string, ConsentChange[], Record<string, string | undefined>]>([
    ["that was ticked is pending, others are not", [tick(0, true, ["a"])], { a: "pending", b: undefined }],
    ["is granted by a confirmation", [tick(0, true, ["a"]), confirm(1)], { a: "granted", b: undefined }],
    ["follows what is said of all", [tick(0), confirm(1)], { a: "granted", b: "granted" }],
    ["can be ended alone", [tick(0), confirm(1), withdraw(2, ["a"])], { a: "withdrawn", b: "granted" }],
    ["ends with all", [tick(0, false, ["a"]), withdraw(1)], { a: "withdrawn", b: "withdrawn" }],
    ["can come back alone", [tick(0, false), withdraw(1), choose(2, ["a"])], { a: "granted", b: "withdrawn" }],
    ["comes back with all", [tick(0, false), withdraw(1, ["a"]), choose(2)], { a: "granted", b: "granted" }],
    ["is not revived by a colleague", [withdraw(1, ["a"]), colleague(2)], { a: "withdrawn", b: "granted" }],
    ["two by one press", [tick(0, true, ["a"]), tick(1, true, ["b"]), confirm(2)], { a: "granted", b: "granted" }],
  ])("%s", (_, changes, states) => {
    const consent = consentAfter(changes);
    expect(Object.fromEntries(Object.keys(states).map((topic) => [topic, stateOf(consent, topic)[0]]))).toEqual(states);
  });

  it("more or fewer makes no new subscriber", () => {
    const changes = [tick(0, false, ["a"]), choose(1, ["b"]), withdraw(2, ["a"])];
    expect(consentAfter(changes)).toMatchObject({ state: "granted", grantedAt: at(0) });
    expect(consentAfter([...changes, withdraw(3)])?.state).toBe("withdrawn");
    expect(consentAfter([...changes, withdraw(3), choose(4, ["a"])])).toMatchObject({ grantedAt: at(4) });
  });
});

describe("a basis", () => {
  it("that ends yields to one that does not, and the longer of two counts", () => {
    const implied = (until: number) => colleague(0, { basis: "implied", until: at(until) });
    const standing = (changes: ConsentChange[]) => standingsFor(consentAfter(changes), undefined)[0];
    expect(standing([implied(9)])).toMatchObject({ state: "granted", basis: "implied", until: at(9) });
    expect(standing([implied(9), implied(5)])).toMatchObject({ until: at(9) });
    expect(standing([implied(9), tick(1, false)])).toMatchObject({ basis: "express", grantedAt: at(0) });
    expect(standing([implied(9), tick(1, false)])?.until).toBeUndefined();
  });

  it("that was implied still lets a box be confirmed", () => {
    const consent = consentAfter([colleague(0, { basis: "implied", until: at(9) }), tick(1)]);
    expect(consent).toMatchObject({ state: "granted", pendingUntil: at(721), confirmationSentAt: at(1) });
  });
});

describe("an item that was written before there were topics", () => {
  const old = { addressHash: "hash", contactId: "c1", version: 7, source: "contact" };
  const granted: Consent = { ...old, state: "granted", method: "double-opt-in", requestedAt: at(0), grantedAt: at(1) };
  const weak: Consent = { ...granted, method: "single-opt-in" };
  const withdrawn: Consent = { ...granted, state: "withdrawn", withdrawnAt: at(2) };
  const pending: Consent = {
    ...old,
    state: "pending",
    method: "double-opt-in",
    requestedAt: at(0),
    pendingUntil: at(720),
  };

  it.each<[string, Consent, ConsentChange, Consent["state"]]>([
    ["granted, ended", granted, withdraw(2), "withdrawn"],
    ["granted, with an older withdrawal", granted, withdraw(0.5), "granted"],
    ["granted without a confirmation, with an older withdrawal", weak, withdraw(0.5), "pending"],
    ["withdrawn, ticked", withdrawn, tick(3, false), "pending"],
    ["withdrawn, chosen", withdrawn, choose(3), "granted"],
    ["withdrawn, a colleague's word", withdrawn, colleague(3), "withdrawn"],
    ["pending, confirmed", pending, confirm(1), "granted"],
    ["pending, ended", pending, withdraw(1), "withdrawn"],
  ])("%s", (_, before, change, state) => {
    expect(decide(before, change, instant(5))).toMatchObject({ state, version: 8 });
  });

  it("means every topic", () => {
    expect(standingsFor(granted, "offers")).toMatchObject([{ state: "granted" }]);
    const partly = decide(granted, withdraw(2, ["offers"]), instant(5));
    expect(standingsFor(partly, "offers")).toMatchObject([{ state: "withdrawn" }]);
    expect(standingsFor(partly, "newsletter")).toMatchObject([{ state: "granted" }]);
  });
});

describe("a choice in the preference centre", () => {
  const granted = [tick(0), confirm(1)];
  it.each<[string, ConsentChange[], Consent["state"], string | undefined]>([
    ["a pause lasts 30 days and leaves the consent", [...granted, pause(2)], "granted", at(2 + 720)],
    ["a pause grants nothing", [pause(2)], undefined, at(2 + 720)],
    ["going on ends a pause", [...granted, pause(2), goOn(3)], "granted", undefined],
    ["an older choice does not", [...granted, pause(3), goOn(2)], "granted", at(3 + 720)],
    ["going on brings back who had agreed and withdrew", [...granted, withdraw(2), goOn(3)], "granted", undefined],
    ["but not against a later withdrawal", [...granted, withdraw(4), goOn(3)], "withdrawn", undefined],
    ["and is an agreement of its own", [tick(0), goOn(3)], "granted", undefined],
  ])("%s", (_, changes, state, pausedUntil) => {
    const consent = consentAfter(changes);
    expect([consent?.state, consent?.pausedUntil]).toEqual([state, pausedUntil]);
  });

  it("does not make a pause a new subscription", () => {
    expect(consentAfter([...granted, pause(2), goOn(3)])?.grantedAt).toBe(consentAfter(granted)?.grantedAt);
  });

  it("of how often: the latest counts, whatever else happens", () => {
    const chosen = [frequency(3, "monthly"), frequency(2, "weekly"), withdraw(4), pause(5)];
    expect(consentAfter(chosen)?.frequency).toEqual({ value: "monthly", at: at(3) });
  });

  it("that chooses nothing changes nothing", () => {
    expect(decide(undefined, { addressHash: "hash", contactId: "c1", acts: [] }, instant(1))).toBeUndefined();
  });
});
