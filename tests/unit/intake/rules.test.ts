import { describe, expect, it } from "vitest";
import { repeatedMembers } from "../../../shared/intake/json-members.ts";
import { currencyDigits, toMinorUnits } from "../../../shared/intake/money.ts";
import { readCache } from "../../../shared/intake/read-cache.ts";
import { senderOf } from "../../../shared/intake/sender.ts";

describe("an amount in minor units", () => {
  it.each<[number | string, string, number | undefined]>([
    [19.99, "EUR", 1_999],
    ["19.99", "USD", 1_999],
    [0.1 + 0.2, "EUR", 30],
    [27.500000000000004, "EUR", 2_750],
    [1.005, "EUR", 101],
    [1_200, "JPY", 1_200],
    [1_200.5, "JPY", 1_201],
    [1.2345, "KWD", 1_235],
    ["0", "EUR", 0],
    [0, "JPY", 0],
    [9_999_999_999_999.99, "EUR", 999_999_999_999_999],
    [1e14, "EUR", undefined],
    [-0.01, "EUR", undefined],
    [Number.NaN, "EUR", undefined],
    [Number.POSITIVE_INFINITY, "EUR", undefined],
    ["1,99", "EUR", undefined],
    ["1e3", "EUR", undefined],
    ["", "EUR", undefined],
  ])("of %s %s is %s", (value, currency, amount) => {
    expect(toMinorUnits(value, currency)).toBe(amount);
  });

  it("has the places that ISO 4217 gives the currency", () => {
    expect(["EUR", "JPY", "KWD", "CLF"].map(currencyDigits)).toEqual([2, 0, 3, 4]);
  });
});

describe("one sender", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:db8:1:2::1", "2001:db8:1:2"],
    ["2001:0db8::1", "2001:db8:0:0"],
    ["::1", "0:0:0:0"],
    ["test-invoke-source-ip", "test-invoke-source-ip"],
  ])("%s is %s", (ip, sender) => {
    expect(senderOf(ip)).toBe(sender);
  });
});

describe("names that a JSON object has twice", () => {
  it.each([
    ['{"a":1,"b":2}', []],
    ['{"a":1,"a":2,"a":3}', ["a"]],
    ['{"a":{"b":1,"b":2},"b":[{"a":1},"a","a"]}', []],
    ['{"a":"\\"a\\":1,","b":"a"}', []],
    ['{ "\\u0061" : 1 , "a" : "}" }', ["a"]],
    ["{}", []],
  ])("%s: %j", (text, names) => {
    expect(repeatedMembers(text)).toEqual(names);
  });
});

describe("a cache of reads", () => {
  function setup() {
    const clock = { now: new Date(0) };
    const asked: string[] = [];
    const load = async (key: string) => {
      asked.push(key);
      return key === "none" ? undefined : { key };
    };
    return { clock, asked, read: readCache({ load, now: () => clock.now, seconds: 60, entries: 2 }) };
  }

  it("asks once a minute", async () => {
    const { clock, asked, read } = setup();
    expect([await read("a"), await read("a")]).toEqual([{ key: "a" }, { key: "a" }]);
    clock.now = new Date(59_999);
    await read("a");
    expect(asked).toEqual(["a"]);
    clock.now = new Date(60_000);
    await read("a");
    expect(asked).toEqual(["a", "a"]);
  });

  it("asks each time for what is not there: a new record works at once", async () => {
    const { asked, read } = setup();
    expect([await read("none"), await read("none")]).toEqual([undefined, undefined]);
    expect(asked).toHaveLength(2);
  });

  it("keeps no more than it may", async () => {
    const { asked, read } = setup();
    for (const key of ["a", "b", "c", "c", "b", "a"]) await read(key);
    expect(asked).toEqual(["a", "b", "c", "a"]);
  });
});
