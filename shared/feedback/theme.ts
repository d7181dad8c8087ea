import * as z from "zod/mini";
import { baseOf, languageSchema } from "../surveys/texts.ts";
import { plain, wordsOf } from "./words.ts";

export const themeIdSchema = z.string().check(z.regex(/^[a-z][a-z0-9-]{0,29}$/, "small letters, digits and -"));

/** Words, or several in a row; a `*` at the end stands for any ending: `deliver*`, `too expensive`. */
const keywordSchema = z
  .string()
  .check(
    z.trim(),
    z.minLength(2),
    z.maxLength(60),
    z.regex(/^[\p{L}\p{N}'’ -]{2,}\*?$/u, "words, with a * only at the end, after two letters at least"),
  );

export const themeSchema = z.strictObject({
  id: themeIdSchema,
  title: z.string().check(z.trim(), z.minLength(1), z.maxLength(60)),
  /** By language: a comment is held against its own, one of unknown language against all. */
  keywords: z.record(languageSchema, z.array(keywordSchema).check(z.minLength(1), z.maxLength(100))),
});

export const themesInputSchema = z.strictObject({
  themes: z.array(themeSchema).check(
    z.maxLength(30),
    z.refine((themes) => new Set(themes.map(({ id }) => id)).size === themes.length, "has an id twice"),
  ),
});
export const themesSchema = z.object({
  ...themesInputSchema.shape,
  version: z.number(),
  updatedAt: z.nullable(z.string()),
  updatedBy: z.nullable(z.string()),
});
export type Themes = z.output<typeof themesSchema>;
export type Theme = Themes["themes"][number];

/** The ids of the themes that a text is about. */
export function themesIn(text: string, language: string | undefined, themes: readonly Theme[]): readonly string[] {
  const said = ` ${wordsOf(text).join(" ")} `;
  return themes
    .filter(({ keywords }) =>
      Object.entries(keywords).some(
        ([of, words]) =>
          (language === undefined || baseOf(of) === baseOf(language)) && words.some((word) => says(said, word)),
      ),
    )
    .map(({ id }) => id);
}

function says(said: string, keyword: string): boolean {
  const words = plain(keyword.replace("*", "")).trim().split(/\s+/).join(" ");
  return said.includes(keyword.endsWith("*") ? ` ${words}` : ` ${words} `);
}

const list = (words: string) => words.split(", ");
const shipped = (id: string, title: string, en: string, de: string): Theme => ({
  id,
  title,
  keywords: { en: list(en), de: list(de) },
});

/** What is looked for until an account says otherwise. */
export const shippedThemes: Themes = {
  version: 0,
  updatedAt: null,
  updatedBy: null,
  themes: [
    shipped(
      "delivery",
      "Delivery",
      "deliver*, shipping, shipment*, courier, parcel*, package*, arrived",
      "liefer*, versand*, paket*, zustell*",
    ),
    shipped(
      "support",
      "Waiting for support",
      "support, customer service, helpdesk, no answer, no reply, on hold, waiting for*, waited",
      "support, kundendienst, kundenservice, warteschleife, keine antwort, gewartet",
    ),
    shipped(
      "price",
      "Price",
      "price*, expensive, overpriced, cost, costs, cheap, cheaper",
      "preis*, teuer*, kosten, gunstig*, billig*",
    ),
    shipped(
      "quality",
      "Quality",
      "quality, broken, broke, defect*, damaged, faulty",
      "qualitat*, kaputt*, defekt*, beschadigt*, mangelhaft*",
    ),
    shipped(
      "website",
      "Website",
      "website, web site, checkout, login, app, page, pages",
      "webseite*, website, kasse, anmeldung, login, app",
    ),
    shipped(
      "staff",
      "Staff",
      "staff, employee*, rude, friendly, unfriendly, colleague*",
      "personal, mitarbeiter*, freundlich*, unfreundlich*",
    ),
    shipped(
      "returns",
      "Returns and refunds",
      "return, returns, returned, refund*",
      "rucksend*, retoure*, erstatt*, umtausch*",
    ),
  ],
};
