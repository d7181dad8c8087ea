import type { DomainError } from "../errors.ts";
import type { Form } from "../forms/form.ts";
import type { Entries } from "../forms/submission.ts";
import { html } from "../http/html.ts";
import { pageReply } from "../http/page.ts";
import { problemTable } from "../http/problems.ts";
import type { Reply } from "../http/reply.ts";
import { mediaTypeOf } from "./submission-body.ts";

type Headers = Readonly<Record<string, string | undefined>>;

/** Whether a browser posted an HTML form and so wants a page; a script says `Accept: application/json`. */
export function wantsPage(headers: Headers): boolean {
  const accept = headers.accept ?? "*/*";
  if (/text\/html/i.test(accept)) return true;
  return /form/.test(mediaTypeOf(headers["content-type"])) && !/json/i.test(accept);
}

/** The answer to a post that was stored, now or before. */
export function acceptedReply(form: Form, submissionId: string, headers: Headers): Reply {
  if (!wantsPage(headers)) return { status: 202, body: { status: "accepted", submissionId } };
  return { status: 303, headers: { location: form.thankYouUrl ?? `/f/${form.id}/thanks` } };
}

/** The page that says what was wrong. */
export function refusalPage(error: DomainError, language: string | undefined): Reply {
  const { status, title } = problemTable[error.code];
  return pageReply({
    status,
    title: "Your message was not sent",
    ...(language !== undefined && { language }),
    body: html`<p>${title}.</p>
${error.errors.length === 0 && html`<p>${error.message}</p>`}
${error.errors.length > 0 && html`<ul>${error.errors.map(({ message }) => html`<li>${message}</li>`)}</ul>`}
<p>Nothing was stored. Go back in your browser: what you typed is still there.</p>`,
    headers: retryHeader(error),
  });
}

/**
 * The page for a post that came faster than a person types. Programs stop here; a person whose browser filled the form in
 * presses the button, which sends the same again.
 */
export function tooFastPage(form: Form, entries: Entries, error: DomainError): Reply {
  const kept = [...entries].map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${String(value ?? "")}">`,
  );
  return pageReply({
    status: problemTable[error.code].status,
    title: "One more click",
    language: form.language,
    body: html`<p>That was quick. Press the button to show that you are a person.</p>
<form method="post" action="/v1/forms/${form.id}/submissions">
${kept}
<button>${form.submitLabel}</button>
</form>`,
    ...(form.thankYouUrl !== undefined && { formTargets: [new URL(form.thankYouUrl).origin] }),
    headers: retryHeader(error),
  });
}

function retryHeader({ retryAfterSeconds }: DomainError): Record<string, string> {
  return retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
}
