import { alpha, testOfShares } from "../insight/significance.ts";
import type { Feedback } from "./feedback.ts";
import { fisherExact } from "./fisher.ts";
import { type Theme, themesIn } from "./theme.ts";

/** More is read by the list of feedback. */
export const mostComments = 20;

export interface ThemeLine {
  readonly theme: string;
  readonly title: string;
  readonly count: number;
  /** Of all comments of the period; null where there are none. */
  readonly share: number | null;
  readonly previousCount: number;
  readonly previousShare: number | null;
  /** How likely so great a change of the share would be if nothing had changed; null without comments to compare. */
  readonly p: number | null;
  readonly test: "two-proportion z" | "Fisher" | null;
  readonly significant: boolean;
  readonly meanSentiment: number | null;
  /** How many comments the mean rests on. */
  readonly withSentiment: number;
  /** The newest ones. */
  readonly comments: readonly string[];
}

/**
 * What comments are about, against those of the period before; the most frequent theme first. Where a count of fewer than
 * five is expected Fisher's test is taken, else that of two proportions.
 *
 * @param comments newest first
 * @param comparable false for a period that still runs: its share is compared with none
 */
export function themeReport(
  themes: readonly Theme[],
  {
    comments,
    previous,
    comparable,
  }: {
    readonly comments: readonly Feedback[];
    readonly previous: readonly Feedback[];
    readonly comparable: boolean;
  },
): readonly ThemeLine[] {
  const about = (of: readonly Feedback[]) => {
    const byTheme = new Map<string, Feedback[]>(themes.map(({ id }) => [id, []]));
    for (const each of of) for (const id of themesIn(each.text, each.language, themes)) byTheme.get(id)?.push(each);
    return byTheme;
  };
  const [now, before] = [about(comments), about(previous)];
  return themes
    .map(({ id, title }) => {
      const found = now.get(id) ?? [];
      const earlier = before.get(id)?.length ?? 0;
      const scores = found.flatMap(({ sentiment }) => sentiment ?? []);
      const verdict = comparable ? verdictOn(found.length, comments.length, earlier, previous.length) : undefined;
      return {
        theme: id,
        title,
        count: found.length,
        share: shareOf(found.length, comments.length),
        previousCount: earlier,
        previousShare: shareOf(earlier, previous.length),
        p: verdict?.p ?? null,
        test: verdict?.test ?? null,
        significant: verdict !== undefined && verdict.p < alpha,
        meanSentiment: scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length,
        withSentiment: scores.length,
        comments: found.slice(0, mostComments).map((comment) => comment.id),
      };
    })
    .sort((a, b) => b.count - a.count || b.previousCount - a.previousCount || (a.theme < b.theme ? -1 : 1));
}

function shareOf(count: number, n: number): number | null {
  return n === 0 ? null : count / n;
}

function verdictOn(hits: number, n: number, otherHits: number, otherN: number) {
  if (n === 0 || otherN === 0) return undefined;
  const share = (hits + otherHits) / (n + otherN);
  const expected = [n, otherN].flatMap((size) => [size * share, size * (1 - share)]);
  if (Math.min(...expected) < 5) return { test: "Fisher" as const, p: fisherExact(hits, n, otherHits, otherN) };
  const { p } = testOfShares({ numerator: hits, denominator: n }, { numerator: otherHits, denominator: otherN });
  return { test: "two-proportion z" as const, p };
}
