import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { feedbackRoutes } from "../http/routes/feedback.ts";
import { addDays, instantsOf, localDateAt, periodBefore, periodContaining } from "../kpis/calendar.ts";
import type { Table } from "../table/client.ts";
import type { Feedback } from "./feedback.ts";
import { listFeedback } from "./feedback-store.ts";
import { moodOf } from "./mood.ts";
import { type Themes, themesIn } from "./theme.ts";
import { readThemeReport } from "./theme-report-store.ts";
import { putThemes, readThemes } from "./theme-store.ts";

interface Dependencies {
  readonly table: Table;
  readonly timeZone: string;
  readonly now: () => Date;
}

const [defaultDays, mostDays] = [90, 366];

/** What the staff API does with feedback and its themes. */
export function feedbackHandlers({ table, timeZone, now }: Dependencies): Handlers<typeof feedbackRoutes> {
  const today = () => localDateAt(now(), timeZone);
  return {
    async listFeedback({ query: { from, to, kind, source, theme, sentiment, limit, cursor } }) {
      const span = spanOf({ from, to }, today());
      const { themes } = await readThemes(table);
      if (theme !== undefined) requireTheme(themes, theme);
      const about = ({ text, language }: Feedback) => themesIn(text, language, themes);
      const page = await listFeedback(table, {
        ...instantsOf(span, timeZone),
        limit,
        cursor,
        passes: (each) =>
          (kind === undefined || each.feedbackKind === kind) &&
          (source === undefined || each.source === source) &&
          (sentiment === undefined || moodOf(each.sentiment) === sentiment) &&
          (theme === undefined || about(each).includes(theme)),
      });
      const items = page.items.map((each) => viewOf(each, about(each)));
      return { status: 200, body: { items, nextCursor: page.nextCursor } };
    },

    getThemes: async () => replyWith(await readThemes(table)),

    async putThemes({ body, headers, caller }) {
      const expected = expectedVersion(headers["if-match"]) ?? 0;
      const { version } = await readThemes(table);
      if (expected !== version) {
        const code = expected === 0 ? "already_exists" : "version_conflict";
        throw new DomainError(code, `The themes are at version ${version}. Send If-Match: "${version}".`);
      }
      const stamp = { updatedAt: now().toISOString(), updatedBy: caller?.username ?? "unknown" };
      const themes = { ...body, version: version + 1, ...stamp };
      await putThemes(table, themes);
      return replyWith(themes);
    },

    async getThemeReport({ query }) {
      const running = periodContaining(query.period, today());
      const period = query.date === undefined ? periodBefore(running) : periodContaining(query.period, query.date);
      const { lines, ...counts } = await readThemeReport(table, period, { timeZone, today: today() });
      const until = addDays(period.end, -1);
      const items = lines.map((line) => ({
        ...line,
        link: `/v1/feedback?theme=${line.theme}&from=${period.start}&to=${until}`,
      }));
      const about = { period: period.kind, start: period.start, ...counts };
      return { status: 200, body: { ...about, items, nextCursor: null } };
    },
  };
}

function spanOf({ from, to }: { from?: string | undefined; to?: string | undefined }, today: string) {
  const last = to ?? today;
  const start = from ?? addDays(last, 1 - defaultDays);
  if (start > last) throw badSpan("/query/to", "must not be before from");
  if (addDays(start, mostDays) <= last) throw badSpan("/query/from", `${mostDays} days at most`);
  return { start, end: addDays(last, 1) };
}

function badSpan(pointer: string, message: string): DomainError {
  return new DomainError("invalid_input", `The span of days is wrong: ${message}.`, {
    errors: [{ pointer, message, code: "invalid_span" }],
  });
}

function requireTheme(themes: Themes["themes"], id: string): void {
  if (themes.some((theme) => theme.id === id)) return;
  const message = `there is no such theme; there are ${themes.map((theme) => theme.id).join(", ")}`;
  throw new DomainError("invalid_input", `The theme ${id} is not known.`, {
    errors: [{ pointer: "/query/theme", message, code: "unknown_theme" }],
  });
}

function viewOf(feedback: Feedback, themes: readonly string[]) {
  const { id, feedbackKind, source, text, rating, language, url, author, contactId, sentiment, occurredAt } = feedback;
  return {
    ...{ id, kind: feedbackKind, source, text },
    ...{ rating: rating ?? null, language: language ?? null, url: url ?? null, author: author ?? null },
    ...{ contactId: contactId ?? null, sentiment, themes, occurredAt },
  };
}

function replyWith(themes: Themes) {
  return { status: 200, body: themes, headers: { etag: `"${themes.version}"` } };
}
