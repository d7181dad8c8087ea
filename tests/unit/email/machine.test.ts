import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Click, humanClicks, isMachine } from "../../../shared/email/machine.ts";

const sentAt = new Date("2026-11-02T10:00:00.000Z");
const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36";

describe("a reading", () => {
  test.each([
    ["of a browser, a minute later", chrome, 60_000, false],
    ["without a name, a minute later", undefined, 60_000, false],
    ["sooner than anybody reads", chrome, 4_999, true],
    ["before the mail was taken, by clocks that differ", chrome, -10, true],
    ["of Apple's Mail Privacy Protection", "Mozilla/5.0", 60_000, true],
    ["of Yahoo's proxy", "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", 60_000, true],
    [
      "of Gmail's prefetch",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0",
      60_000,
      true,
    ],
    [
      "of Gmail's proxy when the mail is shown",
      "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
      60_000,
      false,
    ],
    ["of a scanner that says so", "Barracuda Sentinel (EE)", 60_000, true],
    ["of a script", "python-requests/2.32", 60_000, true],
  ])("%s: a machine's is %4$s", (_, userAgent, after, expected) => {
    expect(isMachine({ sentAt, at: new Date(sentAt.getTime() + after), userAgent })).toBe(expected);
  });
});

const click = (mail: string, link: string, second: number, machine = false): Click => ({
  mail,
  link,
  at: new Date(sentAt.getTime() + second * 1000).toISOString(),
  machine,
});

describe("clicks", () => {
  test("of several links of one mail within a second are a scanner's, all of them", () => {
    const scan = [click("a", "one", 10), click("a", "two", 10.4), click("a", "three", 11.2)];
    const others = [click("a", "one", 60), click("a", "one", 60.2), click("b", "two", 10.1)];
    expect(humanClicks([...scan, ...others])).toEqual(others);
  });

  test("are judged alike in whatever order they come", () => {
    const anyClick = fc.record({
      mail: fc.constantFrom("a", "b"),
      link: fc.constantFrom("one", "two", "three"),
      at: fc.integer({ min: 0, max: 5_000 }).map((at) => new Date(at).toISOString()),
      machine: fc.boolean(),
    });
    const shuffled = fc
      .array(anyClick, { maxLength: 12 })
      .chain((clicks) => fc.tuple(fc.constant(clicks), fc.shuffledSubarray(clicks, { minLength: clicks.length })));
    fc.assert(
      fc.property(shuffled, ([clicks, others]) => {
        expect(new Set(humanClicks(others))).toEqual(new Set(humanClicks(clicks)));
      }),
    );
  });
});
