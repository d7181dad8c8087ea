import { describe, expect, it } from "vitest";
import { choiceFrom, preferencesPage, unsubscribePage } from "../../../shared/consent/preference-pages.ts";
import { preferenceWords } from "../../../shared/consent/preference-words.ts";

const house = { publicName: "Shop", postalAddress: "Street 1" };
const topics = [{ id: "offers", name: "Offers <b>", description: "Now and then." }];
const showing = { house, topics, acceptLanguage: undefined };

describe("the preference centre", () => {
  it("offers each topic, how often, all, a pause and none, and chooses nothing by itself", () => {
    const { html = "" } = preferencesPage(showing);
    expect(html).toContain("Offers &lt;b&gt;");
    expect([...html.matchAll(/name="choice" value="(\w+)"/g)].map(([, value]) => value)).toEqual([
      "save",
      "all",
      "pause",
      "none",
    ]);
    const firstOptions = [...html.matchAll(/<select id="([\w-]+)"[^>]*><option value="(\w+)"/g)].map(([, ...of]) => of);
    expect(firstOptions).toEqual([
      ["topic-offers", "keep"],
      ["frequency", "keep"],
    ]);
  });

  it.each([
    ["choice=all", { choice: "all", shown: "Send me news and offers" }],
    ["choice=pause&topic-offers=on", { choice: "pause" }],
    ["choice=save&topic-offers=keep&frequency=keep", { choice: "save" }],
    [
      "choice=save&topic-offers=off&frequency=monthly",
      { choice: "save", topics: { offers: "off" }, frequency: "monthly" },
    ],
    ["choice=save&topic-offers=on", { choice: "save", topics: { offers: "on" }, shown: "Offers <b>: Send it to me" }],
    ["choice=save&topic-others=on", undefined],
    ["choice=save&topic-offers=perhaps", undefined],
    ["choice=save&frequency=daily", undefined],
    ["choice=everything", undefined],
    ["", undefined],
  ])("reads %s", (body, choice) => {
    const read = choiceFrom(new URLSearchParams(body), showing);
    expect(read && { ...read }).toEqual(choice);
  });
});

it.each([
  [undefined, "en"],
  ["de-AT,de;q=0.9,en;q=0.5", "de"],
  ["en;q=0.5, de", "de"],
  ["fr, en;q=0.2", "en"],
  ["de;q=0", "en"],
  ["constructor,*", "en"],
])("a browser that prefers %s is answered in %s", (header, language) => {
  expect(preferenceWords(header).language).toBe(language);
  const { html = "" } = unsubscribePage({ ...showing, acceptLanguage: header });
  expect(html).toContain(`<html lang="${language}">`);
});
