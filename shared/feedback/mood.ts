/** How a text feels, in a word. Apart from how it is told, so that who only names moods carries no lexicon. */
export const moods = ["negative", "neutral", "positive"] as const;
export type Mood = (typeof moods)[number];

/** Up to so much either way is neutral. */
const neutral = 0.1;

export function moodOf(sentiment: number | null): Mood | undefined {
  if (sentiment === null) return undefined;
  if (Math.abs(sentiment) <= neutral) return "neutral";
  return sentiment > 0 ? "positive" : "negative";
}
