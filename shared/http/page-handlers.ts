import { claimsOf, followLink } from "../consent/follow-link.ts";
import {
  choiceFrom,
  confirmedPage,
  confirmPage,
  preferencesKeptPage,
  preferencesPage,
  type Showing,
  unsubscribedPage,
  unsubscribePage,
} from "../consent/preference-pages.ts";
import type { Topic } from "../consent/topics.ts";
import type { TokenClaims, TokenKeys } from "../email/tokens.ts";
import { DomainError } from "../errors.ts";
import type { Form } from "../forms/form.ts";
import { formPage, thanksPage } from "../forms/form-page.ts";
import { type Entries, ownNames } from "../forms/submission.ts";
import type { Choice } from "../intake/intake.ts";
import type { Table } from "../table/client.ts";
import type { House } from "./house.ts";
import { html } from "./html.ts";
import { openApiDocument } from "./openapi.ts";
import { pageReply } from "./page.ts";
import { type Problem, problemTable } from "./problems.ts";
import { referencePage } from "./reference-page.ts";
import type { Reply } from "./reply.ts";
import type { Handlers } from "./router.ts";
import type { pageRoutes } from "./routes/pages.ts";

/** What the public pages need. */
export interface PageDependencies {
  readonly table: Table;
  readonly house: House;
  /** What the preference centre offers. */
  readonly topics: readonly Topic[];
  readonly now: () => Date;
  /** A random, URL-safe text of at least 128 bits. */
  readonly newNonce: () => string;
  readonly form: (id: string) => Promise<Form | undefined>;
  readonly tokenKeys: () => Promise<TokenKeys>;
}

interface LinkRequest {
  readonly params: { readonly token: string };
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** The handlers of the public pages. They write nothing but intake items. */
export function pageHandlers(dependencies: PageDependencies): Handlers<typeof pageRoutes> {
  const { table, house, topics, now, newNonce, tokenKeys } = dependencies;

  const onForm = (id: string, show: (form: Form) => Reply) =>
    asPage(house, async () => {
      const form = await dependencies.form(id);
      if (form === undefined) throw new DomainError("not_found", "There is no such form.");
      return show(form);
    });

  const onLink = (
    purpose: TokenClaims["purpose"],
    { params, headers }: LinkRequest,
    answer: (showing: Showing, claims: TokenClaims) => Reply | Promise<Reply>,
  ) =>
    asPage(house, async () =>
      answer(
        { house, topics, acceptLanguage: headers["accept-language"] },
        claimsOf(await tokenKeys(), purpose, params.token),
      ),
    );

  return {
    showForm: ({ params, query, headers }) =>
      onForm(params.formId, (form) =>
        formPage(form, { nonce: newNonce(), now: now(), house, entries: arrivalOf(query, headers.referer) }),
      ),
    showThanks: ({ params }) => onForm(params.formId, (form) => thanksPage(form, house)),
    showUnsubscribe: (request) => onLink("unsubscribe", request, unsubscribePage),
    unsubscribe: (request) =>
      onLink("unsubscribe", request, async (showing, claims) => {
        await followLink(table, claims, now());
        return unsubscribedPage(showing);
      }),
    showConfirm: (request) => onLink("confirm", request, confirmPage),
    confirm: (request) =>
      onLink("confirm", request, async (showing, claims) => {
        await followLink(table, claims, now());
        return confirmedPage(showing);
      }),
    showPreferences: (request) => onLink("preferences", request, preferencesPage),
    choosePreferences: (request) =>
      onLink("preferences", request, async (showing, claims) => {
        const choice = choiceOf(request.rawBody, showing);
        await followLink(table, claims, now(), choice);
        return preferencesKeptPage(showing, choice);
      }),
    showOpenApi: async () => ({ status: 200, body: openApiDocument() }),
    showReference: async () => referencePage(),
  };
}

/** What a browser is shown of an error that no handler has worded. */
export function errorPage(house: House, { status, title, detail }: Problem): Reply {
  return pageReply({ status, title, house, body: html`<p>${detail}</p>`, referrerPolicy: "no-referrer" });
}

function choiceOf(rawBody: Buffer, showing: Showing): Choice {
  const choice = choiceFrom(new URLSearchParams(rawBody.toString("utf8")), showing);
  if (choice !== undefined) return choice;
  throw new DomainError("invalid_input", "Choose something that the page offers.", {
    errors: [
      { pointer: "/choice", message: "all, none, pause, or save with what the page offers", code: "invalid_value" },
    ],
  });
}

/** What led to the page; it travels on with the post. */
function arrivalOf(query: Readonly<Record<string, string | undefined>>, referrer: string | undefined): Entries {
  return new Map<string, unknown>([[ownNames.referrer, referrer], ...Object.entries(query)]);
}

/** Whoever opens a page is a person: what is refused is said on a page too. */
export async function asPage(house: House, answer: () => Promise<Reply>): Promise<Reply> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { status, title } = problemTable[error.code];
    return pageReply({ status, title, house, body: html`<p>${error.message}</p>`, referrerPolicy: "no-referrer" });
  }
}
