import { claimsOf, followLink } from "../consent/follow-link.ts";
import {
  confirmedPage,
  confirmPage,
  preferencesKeptPage,
  preferencesPage,
  unsubscribedPage,
  unsubscribePage,
} from "../consent/preference-pages.ts";
import type { TokenClaims, TokenKeys } from "../email/tokens.ts";
import { DomainError } from "../errors.ts";
import type { Form } from "../forms/form.ts";
import { formPage, thanksPage } from "../forms/form-page.ts";
import { type Entries, ownNames } from "../forms/submission.ts";
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
  readonly now: () => Date;
  /** A random, URL-safe text of at least 128 bits. */
  readonly newNonce: () => string;
  readonly form: (id: string) => Promise<Form | undefined>;
  readonly tokenKeys: () => Promise<TokenKeys>;
}

/** The handlers of the public pages. They write nothing but intake items. */
export function pageHandlers(dependencies: PageDependencies): Handlers<typeof pageRoutes> {
  const { table, house, now, newNonce, tokenKeys } = dependencies;

  const onForm = (id: string, show: (form: Form) => Reply) =>
    asPage(house, async () => {
      const form = await dependencies.form(id);
      if (form === undefined) throw new DomainError("not_found", "There is no such form.");
      return show(form);
    });

  const onLink = (purpose: TokenClaims["purpose"], token: string, answer: (claims: TokenClaims) => Promise<Reply>) =>
    asPage(house, async () => answer(claimsOf(await tokenKeys(), purpose, token)));

  return {
    showForm: ({ params, query, headers }) =>
      onForm(params.formId, (form) =>
        formPage(form, { nonce: newNonce(), now: now(), house, entries: arrivalOf(query, headers.referer) }),
      ),
    showThanks: ({ params }) => onForm(params.formId, (form) => thanksPage(form, house)),
    showUnsubscribe: ({ params }) => onLink("unsubscribe", params.token, async () => unsubscribePage(house)),
    unsubscribe: ({ params }) =>
      onLink("unsubscribe", params.token, async (claims) => {
        await followLink(table, claims, now());
        return unsubscribedPage(house);
      }),
    showConfirm: ({ params }) => onLink("confirm", params.token, async () => confirmPage(house)),
    confirm: ({ params }) =>
      onLink("confirm", params.token, async (claims) => {
        await followLink(table, claims, now());
        return confirmedPage(house);
      }),
    showPreferences: ({ params }) => onLink("preferences", params.token, async () => preferencesPage(house)),
    choosePreferences: ({ params, rawBody }) =>
      onLink("preferences", params.token, async (claims) => {
        const choice = choiceOf(rawBody);
        await followLink(table, claims, now(), choice);
        return preferencesKeptPage(house, choice);
      }),
    showOpenApi: async () => ({ status: 200, body: openApiDocument() }),
    showReference: async () => referencePage(),
  };
}

/** What a browser is shown of an error that no handler has worded. */
export function errorPage(house: House, { status, title, detail }: Problem): Reply {
  return pageReply({ status, title, house, body: html`<p>${detail}</p>`, referrerPolicy: "no-referrer" });
}

function choiceOf(rawBody: Buffer): "all" | "none" | "pause" {
  const choice = new URLSearchParams(rawBody.toString("utf8")).get("choice");
  if (choice === "all" || choice === "none" || choice === "pause") return choice;
  throw new DomainError("invalid_input", "Choose one of the buttons of the page.", {
    errors: [{ pointer: "/choice", message: "all, none or pause", code: "invalid_value" }],
  });
}

/** What led to the page; it travels on with the post. */
function arrivalOf(query: Readonly<Record<string, string | undefined>>, referrer: string | undefined): Entries {
  return new Map<string, unknown>([[ownNames.referrer, referrer], ...Object.entries(query)]);
}

/** Whoever opens a page is a person: what is refused is said on a page too. */
async function asPage(house: House, answer: () => Promise<Reply>): Promise<Reply> {
  try {
    return await answer();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { status, title } = problemTable[error.code];
    return pageReply({ status, title, house, body: html`<p>${error.message}</p>`, referrerPolicy: "no-referrer" });
  }
}
