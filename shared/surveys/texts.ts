import * as z from "zod/mini";

/** A language tag such as `de` or `pt-BR`. */
export const languageSchema = z
  .string()
  .check(z.regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, "a language tag such as de or pt-BR"));

/** One text in several languages, by language tag. */
export const textsSchema = z
  .record(languageSchema, z.string().check(z.trim(), z.minLength(1), z.maxLength(300)))
  .check(z.refine((texts) => Object.keys(texts).length > 0, "give the text in at least one language"));
export type Texts = z.infer<typeof textsSchema>;

/**
 * A text in the first of the wanted languages that it exists in: the same tag, else another tag of the same language.
 *
 * @param wanted language tags, the most wanted first; the survey's own comes last
 */
export function textIn(texts: Texts, wanted: readonly string[]): { readonly language: string; readonly text: string } {
  const known = Object.entries(texts).map(([language, text]) => ({ language, text }));
  for (const tag of wanted.map(normalised)) {
    const found =
      known.find(({ language }) => normalised(language) === tag) ??
      known.find(({ language }) => baseOf(language) === baseOf(tag));
    if (found !== undefined) return found;
  }
  const [first = { language: "en", text: "" }] = known;
  return first;
}

function normalised(tag: string): string {
  return tag.toLowerCase().replaceAll("_", "-");
}

export function baseOf(tag: string): string {
  return normalised(tag).split("-")[0] ?? "";
}

/**
 * The languages that a browser likes, best first.
 *
 * @param acceptLanguage the header, such as `de-AT,de;q=0.9,en;q=0.5`
 */
export function languagesOf(acceptLanguage = ""): readonly string[] {
  const wanted = acceptLanguage.split(",").map((part) => {
    const [tag = "", quality = "q=1"] = part.trim().split(/\s*;\s*/);
    return { tag, quality: Number(quality.replace("q=", "")) || 0 };
  });
  return wanted
    .filter(({ tag, quality }) => quality > 0 && languageSchema.safeParse(tag).success)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag);
}
