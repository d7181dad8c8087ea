import type { TokenKeys } from "../email/tokens.ts";
import { DomainError } from "../errors.ts";
import type { House } from "../http/house.ts";
import { asPage } from "../http/page-handlers.ts";
import type { Reply } from "../http/reply.ts";
import type { Handlers } from "../http/router.ts";
import type { surveyPageRoutes } from "../http/routes/survey-pages.ts";
import { intakeIdOf } from "../intake/intake-keys.ts";
import { putIntake } from "../intake/intake-store.ts";
import { countRequest } from "../intake/rate-limit.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { type Answers, answersFrom, scoreFrom } from "./answers.ts";
import { type Invitation, invitationOf, respondentOf } from "./invitation.ts";
import { isOpen, scoreId } from "./survey.ts";
import { closedPage, languageOf, morePage, type Showing, surveyPage, thanksPage } from "./survey-pages.ts";
import { requireSurvey } from "./survey-store.ts";
import { languagesOf } from "./texts.ts";

interface Dependencies {
  readonly table: Table;
  readonly house: House;
  readonly now: () => Date;
  readonly newNonce: () => string;
  readonly tokenKeys: () => Promise<TokenKeys>;
}

interface LinkRequest {
  readonly params: { readonly token: string };
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Answers and changes of one invitation from one address. An open link may be shared by an office. */
const limit = { submissions: 60, perSeconds: 600 } as const;
const noncePattern = /^[A-Za-z0-9_-]{16,64}$/;

/** The pages of surveys. A GET records nothing, a POST appends one intake item; stages do the rest. */
export function surveyPageHandlers(dependencies: Dependencies): Handlers<typeof surveyPageRoutes> {
  const { table, house, now, newNonce, tokenKeys } = dependencies;

  const onInvitation = (
    { params, headers }: LinkRequest,
    answer: (invitation: Invitation, showing: Showing) => Promise<Reply>,
  ) =>
    asPage(house, async () => {
      const invitation = invitationOf(await tokenKeys(), params.token);
      const survey = await requireSurvey(table, invitation.surveyId);
      const { language } = invitation;
      const languages = [...(language === undefined ? [] : [language]), ...languagesOf(headers["accept-language"])];
      const showing = { house, survey, languages };
      if (!isOpen(survey, now()) || now() >= invitation.expiresAt) return closedPage(showing);
      return answer(invitation, showing);
    });

  return {
    showSurvey: (request) =>
      onInvitation(request, async ({ contactId }, showing) => {
        const score = scoreFrom(showing.survey, request.query.score);
        const entries = new URLSearchParams(score === undefined ? {} : { [scoreId]: String(score) });
        return surveyPage({ ...showing, entries, respondent: contactId === undefined ? newNonce() : undefined });
      }),

    answerSurvey: (request) =>
      onInvitation(request, async (invitation, given) => {
        const entries = new URLSearchParams(request.rawBody.toString("utf8"));
        const respondent = invitation.contactId === undefined ? requireNonce(entries.get("respondent")) : undefined;
        const showing = { ...given, respondent, entries };
        const isMore = entries.get("step") === "more";
        const answers = answersFrom(showing.survey, entries);
        if (isViolations(answers)) {
          if (isMore && answers.every(({ code }) => code === "nothing_answered")) return thanksPage(showing);
          return (isMore ? morePage : surveyPage)({ ...showing, violations: answers });
        }
        const counter = `survey-${invitation.invitationId.slice(0, 40)}`;
        await countRequest(table, { counter, sourceIp: request.sourceIp, limit, now: now() });
        await keepPost(table, { invitation, showing, respondent, answers }, now());
        const scored = showing.survey.kind !== "questions";
        return scored && !isMore ? morePage(showing) : thanksPage(showing);
      }),
  };
}

function isViolations(answers: ReturnType<typeof answersFrom>): answers is Extract<typeof answers, readonly unknown[]> {
  return Array.isArray(answers);
}

function requireNonce(given: string | null): string {
  if (given !== null && noncePattern.test(given)) return given;
  throw new DomainError("invalid_input", "Open the survey's page, and send its form.", {
    errors: [{ pointer: "/respondent", message: "is not the one that the page gave", code: "invalid_value" }],
  });
}

interface Post {
  readonly invitation: Invitation;
  readonly showing: Showing;
  readonly respondent: string | undefined;
  readonly answers: Answers;
}

/** One durable write. The same post within a second is one (a double click). */
async function keepPost(table: Table, { invitation, showing, respondent, answers }: Post, now: Date): Promise<void> {
  const { contactId, channel, invitedAt } = invitation;
  const { survey } = showing;
  const payload = {
    surveyId: survey.id,
    surveyKind: survey.kind,
    surveyVersion: survey.version,
    invitationId: respondent === undefined ? invitation.invitationId : respondentOf(invitation, respondent),
    ...(contactId !== undefined && { contactId }),
    channel,
    // What people read is what they are taken to write in.
    language: languageOf(showing),
    invitedAt: invitedAt.toISOString(),
    answers,
  };
  const bodyHash = digestOf([JSON.stringify(payload)]);
  const second = String(Math.floor(now.getTime() / 1_000));
  await putIntake(table, {
    type: "survey",
    intakeId: intakeIdOf(["survey", second], bodyHash),
    bodyHash,
    payload,
    receivedAt: now,
  });
}
