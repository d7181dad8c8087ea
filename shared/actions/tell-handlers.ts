import { isDeepStrictEqual } from "node:util";
import type { TemplateOf } from "../email/compose.ts";
import { templates } from "../email/templates/templates.ts";
import { DomainError } from "../errors.ts";
import type { Theme } from "../feedback/theme.ts";
import { readThemes } from "../feedback/theme-store.ts";
import type { Handlers } from "../http/router.ts";
import type { tellRoutes } from "../http/routes/actions.ts";
import { instantsOf, periodContaining } from "../kpis/calendar.ts";
import type { Table } from "../table/client.ts";
import type { Action, Origin } from "./action.ts";
import { readAction } from "./action-store.ts";
import type { TellInput, Telling } from "./telling.ts";
import { foretell, putTelling, readTelling } from "./telling-store.ts";

export interface TellHandlerDependencies {
  readonly table: Table;
  readonly timeZone: string;
  readonly templateOf: TemplateOf;
  readonly now: () => Date;
}

/** Telling those who complained of a theme what is done about it. */
export function tellHandlers(deps: TellHandlerDependencies): Handlers<typeof tellRoutes> {
  const { table, timeZone, templateOf, now } = deps;
  return {
    async tellOfAction({ params: { id }, body: { dryRun, ...mail }, caller }) {
      const action = await readAction(table, id);
      if (action === undefined) throw new DomainError("not_found", `There is no action ${id}.`);
      await requireMail(mail, templateOf);
      const { origin, theme } = await requireTheme(action);
      const span = instantsOf(periodContaining(origin.period, origin.start), timeZone);
      if (dryRun) return { status: 200, body: { action: id, ...(await foretell(table, span, theme)) } };
      const telling: Telling = {
        ...{ action: id, mail, theme, from: span.from.toISOString(), to: span.to.toISOString() },
        ...{ state: "telling", cursor: null, lookedAt: 0, truncated: false },
        ...{ comments: 0, positive: 0, anonymous: 0, people: [] },
        ...{ startedAt: now().toISOString(), startedBy: caller?.username ?? "unknown", version: 1 },
      };
      if (await putTelling(table, telling)) return { status: 202, body: viewOf(telling) };
      const earlier = await readTelling(table, id);
      if (earlier !== undefined && isSameMail(earlier.mail, mail)) return { status: 202, body: viewOf(earlier) };
      const how = "Each person hears of an action once: enter another action to tell more.";
      throw new DomainError("already_exists", `People were told of ${id} at ${earlier?.startedAt}. ${how}`);
    },

    async getTelling({ params: { id } }) {
      const telling = await readTelling(table, id);
      if (telling === undefined) throw new DomainError("not_found", `Nobody has been told of an action ${id}.`);
      return { status: 200, body: viewOf(telling) };
    },
  };

  async function requireTheme({ origin }: Action): Promise<{ origin: ThemeOrigin; theme: Theme }> {
    if (origin.kind !== "theme") throw fault("/path/id", "comes from a review; nobody has complained of it");
    const { themes } = await readThemes(table);
    const theme = themes.find(({ id }) => id === origin.theme);
    if (theme === undefined) throw fault("/path/id", `there is no theme ${origin.theme} any more`);
    return { origin, theme };
  }
}

type ThemeOrigin = Extract<Origin, { kind: "theme" }>;
type Mail = Omit<TellInput, "dryRun">;

async function requireMail({ templateId, subject, text }: Mail, templateOf: TemplateOf): Promise<void> {
  if (templateId === undefined) {
    if (subject === undefined) throw fault("/subject", "is missing; name a templateId, or a subject and a text");
    if (text === undefined) throw fault("/text", "is missing; name a templateId, or a subject and a text");
    return;
  }
  if (subject !== undefined || text !== undefined) throw fault("/templateId", "has its own subject and text");
  const template = await templateOf(templateId).catch((cause: unknown) => {
    if (templates.has(templateId)) throw cause;
    throw fault("/templateId", "there is no such template");
  });
  if (template.asksForConsent) throw fault("/templateId", "it asks for consent, which only forms do");
}

function isSameMail(one: Mail, other: Mail): boolean {
  const said = ({ templateId, subject, text }: Mail) => [templateId, subject, text];
  return isDeepStrictEqual(said(one), said(other));
}

function fault(pointer: string, message: string): DomainError {
  const errors = [{ pointer, message, code: "invalid_value" }];
  return new DomainError("invalid_input", `Nobody was told: ${message}.`, { errors });
}

function viewOf({ people, cursor: _, lookedAt: __, theme, ...telling }: Telling) {
  return { ...telling, theme: theme.id, people: people.length };
}
