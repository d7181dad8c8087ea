import { describe, expect, test } from "vitest";
import { loadConfig, parseConfig } from "../../infra/config.ts";

const { stage: _, ...valid } = loadConfig("dev");

describe("the configuration of a stage", () => {
  test.each(["dev", "prod"])("is valid for %s as it stands in the repository", (stage) => {
    expect(loadConfig(stage).stage).toBe(stage);
  });

  test("names the stages that exist when another is asked for", () => {
    expect(() => loadConfig("live")).toThrow('There is no stage "live" in infra/config.ts; the stages are: dev, prod.');
  });

  test.each([
    ["an unknown time zone", { timeZone: "Europe/Berlinn" }, "timeZone: not an IANA time zone"],
    ["an unknown currency", { currency: "EURO" }, "currency: not an ISO 4217 currency"],
    ["a sender without a name", { sender: "hello@example.com" }, "sender: not of the form: Name <address@domain>"],
    ["a sender that breaks the header", { sender: "A\r\nBcc: x <hello@example.com>" }, "sender: not of the form"],
    [
      "a sender of another domain",
      { sender: "Shop <hello@gmail.com>" },
      "sender: its address must be at the domain example.com",
    ],
    ["no manager", { owners: [] }, "owners: name at least one manager"],
    ["a manager without an address", { owners: [{ name: "M", email: "m" }] }, "owners.0.email: Invalid email address"],
    ["an operator without an address", { operatorEmail: "nobody" }, "operatorEmail: Invalid email address"],
    ["an hour that no day has", { digestHour: 24 }, "digestHour: "],
    ["a budget of nothing", { budgetDollars: 0 }, "budgetDollars: "],
    ["no postal address", { postalAddress: " " }, "postalAddress: "],
    ["a console without TLS", { consoleUrls: ["http://console.example.com"] }, "consoleUrls.0: must be https"],
    ["an issuer without TLS", { openId: { issuer: "http://id.example.com", audience: "a" } }, "openId.issuer: "],
    ["a restored table without its stream", { restoredTable: { name: "restored" } }, "restoredTable.streamArn: "],
    [
      "a bound for what is no domain",
      { sending: { ...valid.sending, marketingPerMinute: { Gmail: 60 } } },
      "sending.marketingPerMinute: names a domain in small letters",
    ],
    ["a misspelt key", { timezone: "UTC" }, 'Unrecognized key: "timezone"'],
    ["a missing key", { domain: undefined }, "domain: "],
  ])("is refused with %s", (_case, change, message) => {
    expect(() => parseConfig("dev", { ...valid, ...change })).toThrow(message);
  });

  test("lists everything that is wrong at once", () => {
    expect(() => parseConfig("dev", { ...valid, currency: "x", timeZone: "y" })).toThrow(/timeZone: .*currency: /s);
  });
});
