import { DomainError } from "../errors.ts";
import type { Form } from "../forms/form.ts";
import { refusedFormPage } from "../forms/form-page.ts";
import type { House } from "../http/house.ts";
import { problemReply } from "../http/problem-reply.ts";
import { faultProblem, problemTable } from "../http/problems.ts";
import type { Reply } from "../http/reply.ts";
import type { Handlers } from "../http/router.ts";
import type { intakeRoutes } from "../http/routes/intake.ts";
import { corsHeaders, preflightHeaders, requireOrigin } from "./cors.ts";
import { type EventDependencies, eventHandlers } from "./event-handlers.ts";
import { acceptedReply, faultPage, refusalPage, tooFastPage, wantsPage } from "./submission-reply.ts";
import { type Post, takeSubmission } from "./submit-form.ts";

/** What the door needs. Forms and keys are read through caches. */
export interface IntakeDependencies extends EventDependencies {
  readonly house: House;
  /** A random, URL-safe text of at least 128 bits. */
  readonly newNonce: () => string;
  readonly form: (id: string) => Promise<Form | undefined>;
  /** Hears of posts that fell into the trap: they are dropped, so the log counts them. */
  readonly onTrapped: (formId: string, correlationId: string) => void;
}

/** The handlers of the door. */
export function intakeHandlers(dependencies: IntakeDependencies): Handlers<typeof intakeRoutes> {
  const { table, house, now } = dependencies;

  async function formOf(id: string): Promise<Form> {
    const form = await dependencies.form(id);
    if (form === undefined) throw new DomainError("not_found", `There is no form "${id}".`);
    return form;
  }

  async function submit(form: Form, post: Post, correlationId: string): Promise<Reply> {
    const outcome = await takeSubmission(table, form, post, now());
    if ("error" in outcome) {
      const { kind, entries, error } = outcome;
      if (!wantsPage(post.headers)) throw error;
      if (kind === "too fast") return tooFastPage(form, entries, error, house);
      const showing = { nonce: dependencies.newNonce(), now: now(), house, entries };
      return refusedFormPage(form, showing, error.errors, problemTable[error.code].status);
    }
    if (outcome.kind === "trapped") dependencies.onTrapped(form.id, correlationId);
    return acceptedReply(form, outcome.submissionId, post.headers);
  }

  return {
    ...eventHandlers(dependencies),

    async submitForm({ params, headers, rawBody, sourceIp, correlationId }) {
      const instance = `/v1/forms/${params.formId}/submissions`;
      let form: Form | undefined;
      try {
        form = await formOf(params.formId);
        const reply = await submit(form, { headers, rawBody, sourceIp }, correlationId);
        return withHeaders(reply, corsHeaders(form, headers));
      } catch (error) {
        // Errors too carry the form's CORS headers: without them a site's script could not read why.
        const cors = form ? corsHeaders(form, headers) : {};
        if (error instanceof DomainError) {
          if (!wantsPage(headers)) return problemReply(error, { instance, correlationId }, cors);
          return withHeaders(refusalPage(error, form, house), cors);
        }
        dependencies.onFault(error, correlationId);
        if (wantsPage(headers)) return withHeaders(faultPage(correlationId, form, house), cors);
        const headersOfFault = { "content-type": "application/problem+json", ...cors };
        return { status: 500, body: faultProblem({ instance, correlationId }), headers: headersOfFault };
      }
    },

    async preflightForm({ params, headers }) {
      const form = await formOf(params.formId);
      requireOrigin(form, headers);
      return { status: 204, headers: { ...preflightHeaders, ...corsHeaders(form, headers) } };
    },
  };
}

function withHeaders(reply: Reply, headers: Reply["headers"]): Reply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}
