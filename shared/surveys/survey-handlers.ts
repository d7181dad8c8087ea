import { getContact } from "../contacts/contact-store.ts";
import type { TokenKeys } from "../email/tokens.ts";
import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { surveyRoutes } from "../http/routes/surveys.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { Answer } from "./answer.ts";
import { listAnswers, readAnswers } from "./answer-store.ts";
import { invitationPath, newInvitation } from "./invitation.ts";
import { resultsOf } from "./results.ts";
import { isOpen, type Survey } from "./survey.ts";
import { surveyMailOf } from "./survey-mail.ts";
import { findSurvey, listSurveys, putSurvey, requireSurvey } from "./survey-store.ts";

interface Dependencies {
  readonly table: Table;
  /** Base of the links, without a slash at its end. */
  readonly publicUrl: string;
  readonly tokenKeys: () => Promise<TokenKeys>;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** A report reads no more. */
const mostAnswers = 5_000;

/** What the staff API does with surveys. */
export function surveyHandlers(dependencies: Dependencies): Handlers<typeof surveyRoutes> {
  const { table, publicUrl, tokenKeys, now, newId } = dependencies;
  return {
    listSurveys: async () => ({ status: 200, body: { items: await listSurveys(table), nextCursor: null } }),

    getSurvey: async ({ params }) => replyWith(await requireSurvey(table, params.id), 200),

    async putSurvey({ params: { id }, body, headers, caller }) {
      const expected = expectedVersion(headers["if-match"]);
      const current = await findSurvey(table, id);
      requireCurrent(id, current, expected);
      if (current !== undefined && current.kind !== body.kind) throw kindChanged(current);
      const survey = {
        ...body,
        id,
        version: (current?.version ?? 0) + 1,
        savedAt: now().toISOString(),
        savedBy: caller?.username ?? "unknown",
      };
      await putSurvey(table, survey);
      return replyWith(survey, survey.version === 1 ? 201 : 200);
    },

    async inviteToSurvey({ params, body, headers, caller }) {
      const survey = await requireSurvey(table, params.id);
      const { contactId, channel, language } = body;
      if (!isOpen(survey, now())) throw closed(survey);
      if (contactId !== undefined && (await getContact(table, contactId)) === undefined) {
        throw new DomainError("not_found", `There is no contact ${contactId}.`);
      }
      const key = headers["idempotency-key"];
      const named = key === undefined ? [newId()] : [caller?.subject ?? "", key];
      const invitationId = digestOf(["survey link", survey.id, contactId ?? "", ...named], 24);
      const invitation = newInvitation(survey, { invitationId, contactId, channel, language }, now());
      const url = `${publicUrl}${invitationPath(await tokenKeys(), invitation)}`;
      const { links } = surveyMailOf(survey, url, language);
      const expiresAt = invitation.expiresAt.toISOString();
      return { status: 201, body: { invitationId, url, links, expiresAt } };
    },

    async getSurveyResults({ params, query }) {
      const survey = await requireSurvey(table, params.id);
      const months = monthsUntil(now(), query.months);
      const answers: Answer[] = [];
      let truncated = false;
      // The running month first: should there be too many, the latest are counted.
      for (const month of months.toReversed()) {
        const most = mostAnswers - answers.length;
        if (most === 0) truncated = true;
        else {
          const read = await readAnswers(table, { surveyId: survey.id, month, most });
          answers.push(...read.answers);
          truncated ||= read.truncated;
        }
      }
      const { id, kind } = survey;
      const span = { from: months[0], to: months.at(-1), truncated };
      return { status: 200, body: { survey: id, kind, ...span, ...resultsOf(survey, answers) } };
    },

    async listSurveyAnswers({ params, query }) {
      await requireSurvey(table, params.id);
      const { items, nextCursor } = await listAnswers(table, { surveyId: params.id, ...query });
      return { status: 200, body: { items: items.map(viewOf), nextCursor } };
    },
  };
}

function requireCurrent(id: string, current: Survey | undefined, expected: number | undefined): void {
  const stored = current === undefined || current.version === 0 ? undefined : current.version;
  if (stored === expected || (expected === 0 && stored === undefined)) return;
  if (stored === undefined) {
    throw new DomainError("not_found", `No survey ${id} is stored. Leave out If-Match to store the first version.`);
  }
  const code = expected === undefined ? "already_exists" : "version_conflict";
  throw new DomainError(code, `The survey ${id} is stored in version ${stored}. Send If-Match: "${stored}".`);
}

function kindChanged({ id, kind }: Survey): DomainError {
  return new DomainError("invalid_input", `The survey ${id} is of the kind ${kind}. Make another for another kind.`, {
    errors: [{ pointer: "/kind", message: `stays ${kind}: the answers to it have that kind`, code: "fixed_kind" }],
  });
}

function closed({ id, closesAt }: Survey): DomainError {
  return new DomainError("invalid_input", `The survey ${id} is closed since ${closesAt}. Move closesAt first.`, {
    errors: [{ pointer: "/path/id", message: "is closed", code: "closed" }],
  });
}

/** Months up to that of an instant, UTC, oldest first. */
function monthsUntil(now: Date, count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count + 1 + at)).toISOString().slice(0, 7),
  );
}

function viewOf({ invitationId, contactId, channel, language, invitedAt, standsAt, values }: Answer) {
  const answers = Object.fromEntries(Object.entries(values).map(([question, { value }]) => [question, value]));
  const about = { contactId: contactId ?? null, channel, language: language ?? null };
  return { invitationId, ...about, invitedAt, answeredAt: standsAt, answers };
}

function replyWith(survey: Survey, status: 200 | 201) {
  return { status, body: survey, headers: { etag: `"${survey.version}"` } };
}
