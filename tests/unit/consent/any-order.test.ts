import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Consent, type ConsentChange, decide } from "../../../shared/consent/consent.ts";
import { choose, colleague, confirm, consentAfter, instant, shop, tick, withdraw } from "./changes.ts";

const topics = fc.constantFrom<readonly string[] | undefined>(undefined, ["a"], ["b"], ["a", "b"]);
const hours = fc.integer({ min: 0, max: 1_500 });
const change: fc.Arbitrary<ConsentChange> = fc.oneof(
  fc.tuple(hours, fc.boolean(), topics).map((of) => tick(...of)),
  hours.map(confirm),
  fc.tuple(hours, topics, fc.constantFrom("person", "shop", "staff")).map((of) => withdraw(...of)),
  fc.tuple(hours, topics).map((of) => choose(...of)),
  hours.map((hour) => colleague(hour)),
  fc
    .tuple(hours, fc.constantFrom("subscribed", "unsubscribed"), fc.constantFrom("person", "shop"))
    .map((of) => shop(...of)),
);
const changes = fc.array(change, { maxLength: 12 });
const shuffled = changes.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
);
const end = instant(2_000);

/** What a consent says, apart from when we learnt it. */
const said = (consent: Consent | undefined) => [consent?.state, consent?.standings, consent?.acts];

describe("whatever happens to a consent", () => {
  it("means the same in any order, however often it is heard of", () => {
    fc.assert(
      fc.property(shuffled, ([list, other]) => {
        expect(said(consentAfter([...other, ...list], end))).toEqual(said(consentAfter(list, end)));
      }),
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(changes, (list) => {
        let consent: Consent | undefined;
        for (const each of list) {
          consent = decide(consent, each, end) ?? consent;
          expect(decide(consent, each, end)).toBeUndefined();
        }
      }),
    );
  });

  it("leaves a withdrawal that is the latest act of the person's own mailbox, whoever says what", () => {
    fc.assert(
      fc.property(changes, fc.array(hours), (list, later) => {
        const others = later.flatMap((hour) => [colleague(1_600 + hour), shop(1_600 + hour, "subscribed")]);
        const consent = consentAfter([...list, withdraw(1_550), ...others], end);
        expect(consent?.state).toBe("withdrawn");
        expect(Object.values(consent?.standings ?? {}).every(({ state }) => state === "withdrawn")).toBe(true);
      }),
    );
  });

  it("grants nothing that nobody asked for or granted", () => {
    fc.assert(
      fc.property(changes, (list) => {
        if (consentAfter(list, end)?.state !== "granted") return;
        expect(list.some(({ acts }) => acts.some(({ type }) => type === "ask" || type === "grant"))).toBe(true);
      }),
    );
  });
});
