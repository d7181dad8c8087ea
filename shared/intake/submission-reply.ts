import type { DomainError } from "../errors.ts";
import type { Form } from "../forms/form.ts";
import { pageOfForm } from "../forms/form-page.ts";
import type { Entries } from "../forms/submission.ts";
import type { House } from "../http/house.ts";
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

/** What a person whose post was refused can do, where the API's own words are for programs. */
const adviceOf: Partial<Readonly<Record<DomainError["code"], string>>> = {
  rate_limited:
    "Many messages came from your connection in a short time. Wait some minutes, go back and send it again.",
  payload_too_large: "It is longer than this form takes. Go back and shorten it.",
  origin_not_allowed: "This site may not send the form. Tell its owner, or write to us another way.",
  idempotency_key_reused: "It was sent before with other content. Open the form anew.",
};

/** The page for a post that was refused before its fields were read, or because of whence it came. */
export function refusalPage(error: DomainError, form: Form | undefined, house: House): Reply {
  const { status } = problemTable[error.code];
  const advice = adviceOf[error.code];
  return pageReply({
    ...(form === undefined ? { house } : pageOfForm(form, house)),
    status,
    title: "Your message was not sent",
    body: html`${error.errors.length === 0 && html`<p>${advice ?? error.message}</p>`}
${error.errors.length > 0 && html`<ul>${error.errors.map(({ message }) => html`<li>${message}</li>`)}</ul>`}
<p>Nothing was stored.</p>`,
    headers: retryHeader(error),
  });
}

/** The page for a fault of ours: it says nothing but the id under which the log tells more. */
export function faultPage(correlationId: string, form: Form | undefined, house: House): Reply {
  return pageReply({
    ...(form === undefined ? { house } : pageOfForm(form, house)),
    status: 500,
    title: "Something went wrong on our side",
    body: html`<p>We cannot say whether your message arrived. Reload this page to send it again: what has arrived is not stored twice.</p>
<p class="hint">If you write to us about it, name this id: <code>${correlationId}</code></p>`,
  });
}

/**
 * The page for a post that came faster than a person types. Programs stop here; a person whose browser filled the form in
 * presses the button, which sends the same again.
 */
export function tooFastPage(form: Form, entries: Entries, error: DomainError, house: House): Reply {
  const kept = [...entries].map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${String(value ?? "")}">`,
  );
  return pageReply({
    ...pageOfForm(form, house),
    status: problemTable[error.code].status,
    title: "One more click",
    body: html`<p>That was quicker than most people type, so we ask once more. What you entered is kept; press the button to send it.</p>
<form method="post" action="/v1/forms/${form.id}/submissions">
${kept}
<button>${form.submitLabel}</button>
</form>`,
    headers: retryHeader(error),
  });
}

function retryHeader({ retryAfterSeconds }: DomainError): Record<string, string> {
  return retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
}
