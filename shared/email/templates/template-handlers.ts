import { getBroadcast } from "../../broadcasts/broadcast-store.ts";
import { requireTopics, type Topic } from "../../consent/topics.ts";
import { putDue } from "../../due/due-store.ts";
import { DomainError } from "../../errors.ts";
import { expectedVersion } from "../../http/if-match.ts";
import type { Handlers } from "../../http/router.ts";
import type { broadcastTestRoutes } from "../../http/routes/broadcasts.ts";
import type { templateRoutes } from "../../http/routes/templates.ts";
import { findSurvey } from "../../surveys/survey-store.ts";
import type { Table } from "../../table/client.ts";
import type { MailMessage } from "../mail-message.ts";
import { readRecipientFrom } from "../recipient-store.ts";
import type { RenderedMail } from "../render.ts";
import { compileTemplate } from "./compile.ts";
import { exampleData, exampleValues } from "./example.ts";
import { previewMail } from "./preview.ts";
import { viewOfShipped, viewOfStored } from "./stored.ts";
import type { Template } from "./template.ts";
import { findTemplate, listTemplates, putTemplate, readTemplate } from "./template-store.ts";
import { templates } from "./templates.ts";

export interface TemplateDependencies {
  readonly table: Table;
  readonly house: { readonly publicName: string; readonly postalAddress: string };
  /** Who may get test mails. */
  readonly staff: readonly { readonly name: string; readonly email: string }[];
  readonly topics: readonly Topic[];
  readonly now: () => Date;
}

interface Occasion {
  readonly contactId?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly locale?: string | undefined;
}

/** The staff API's handlers of mail templates, and of what else renders them. */
export function templateHandlers(
  dependencies: TemplateDependencies,
): Handlers<readonly [...typeof templateRoutes, ...typeof broadcastTestRoutes]> {
  const { table, house, staff, topics, now } = dependencies;

  async function requireTemplate(id: string): Promise<Template> {
    const template = await findTemplate(table, id);
    if (template === undefined) throw new DomainError("not_found", `There is no template ${id}.`);
    return template;
  }

  async function personOf(contactId: string | undefined) {
    if (contactId === undefined) return exampleValues;
    const recipient = await readRecipientFrom(table)(contactId);
    if (typeof recipient === "string")
      throw new DomainError("not_found", `There is no contact ${contactId} with an address.`);
    return recipient;
  }

  /** A contact's mail shows what it would hold for that contact: the example's cart is not theirs. */
  async function previewed(id: string, { contactId, data, locale }: Occasion) {
    const template = await requireTemplate(id);
    const person = { ...(await personOf(contactId)), ...(locale !== undefined && { locale }) };
    const survey = template.survey === undefined ? undefined : await findSurvey(table, template.survey);
    const occasion = { person, house, survey, data: data ?? (contactId === undefined ? exampleData : {}) };
    return { template, occasion };
  }

  function requireStaff(email: string): TemplateDependencies["staff"][number] {
    const found = staff.find((colleague) => colleague.email.toLowerCase() === email.toLowerCase());
    if (found === undefined) throw notStaff(staff.map((colleague) => colleague.email));
    return found;
  }

  async function renderTest(id: string, of: Occasion): Promise<RenderedMail> {
    const { template, occasion } = await previewed(id, of);
    const { subject, html, text, skipped } = previewMail(template, occasion);
    if (skipped !== null) throw unsendable(skipped);
    return { subject, html, text };
  }

  /** The sweep hands it to the mail queue: this function need not know the queue. */
  async function mailTest(
    { name, email }: { name: string; email: string },
    id: string,
    mail: RenderedMail,
    from: string,
  ) {
    const message: MailMessage = {
      owner: { staff: { name, email } },
      messageKey: `test-${id}-${from.replaceAll(/[^\x21-\x7e]/g, "")}`.slice(0, 180),
      content: { ...mail, subject: `[Test] ${mail.subject}`, images: [] },
      requestedAt: now().toISOString(),
      correlationId: from,
    };
    await putDue(table, { at: now(), id: message.messageKey, queue: "mail", body: message });
  }

  return {
    async listTemplates() {
      const stored = await listTemplates(table);
      const ids = new Set(stored.map(({ id }) => id));
      const shipped = [...templates.values()].filter(({ id }) => !ids.has(id));
      const items = [
        ...stored.map(({ id, version }) => ({ id, version, origin: "stored" })),
        ...shipped.map(({ id, version }) => ({ id, version, origin: "shipped" })),
      ].sort((a, b) => (a.id < b.id ? -1 : 1));
      return { status: 200, body: { items, nextCursor: null } };
    },

    async getTemplate({ params: { id } }) {
      const stored = await readTemplate(table, id);
      if (stored !== undefined) {
        return { status: 200, body: viewOfStored(stored), headers: { etag: `"${stored.version}"` } };
      }
      const shipped = templates.get(id);
      if (shipped === undefined) throw new DomainError("not_found", `There is no template ${id}.`);
      return { status: 200, body: viewOfShipped(shipped) };
    },

    async putTemplate({ params: { id }, body, headers }) {
      const expected = expectedVersion(headers["if-match"]);
      requireStorable(id);
      // Without topics of its own an account may keep those of the templates that come along: they mean nothing more.
      if (body.topic !== undefined && topics.length > 0) requireTopics(topics, [body.topic], "/topic");
      if (body.survey !== undefined) await requireSurveyOf(table, body.survey);
      const template = await compileTemplate(id, (expected ?? 0) + 1, body, now());
      await putTemplate(table, template, expected);
      const status = expected === undefined ? 201 : 200;
      return { status, body: viewOfStored(template), headers: { etag: `"${template.version}"` } };
    },

    async previewTemplate({ params: { id }, body }) {
      const { template, occasion } = await previewed(id, body);
      return { status: 200, body: previewMail(template, occasion) };
    },

    async testTemplate({ params: { id }, body, correlationId }) {
      const to = requireStaff(body.to);
      await mailTest(to, id, await renderTest(id, body), correlationId);
      return { status: 202, body: { status: "accepted" } };
    },

    async testBroadcast({ params: { id }, body: { to, contactId }, correlationId }) {
      const broadcast = await getBroadcast(table, id);
      if (broadcast === undefined) throw new DomainError("not_found", `There is no broadcast ${id}.`);
      const colleague = requireStaff(to);
      const occasion = { contactId, data: broadcast.data };
      const ids = [...new Set(broadcast.variants.map(({ templateId }) => templateId))];
      // All are rendered before the first is sent: a mistake in one sends none.
      const mails = await Promise.all(ids.map((templateId) => renderTest(templateId, occasion)));
      await Promise.all(mails.map((mail, index) => mailTest(colleague, ids[index] ?? "", mail, correlationId)));
      return { status: 202, body: { status: "accepted" } };
    },
  };
}

async function requireSurveyOf(table: Table, id: string): Promise<void> {
  if ((await findSurvey(table, id)) !== undefined) return;
  throw new DomainError("invalid_input", `There is no survey ${id}. Make it first.`, {
    errors: [{ pointer: "/survey", message: "there is no such survey", code: "unknown_survey" }],
  });
}

/** What asks for consent carries a link of its own kind, which only its own code makes. */
function requireStorable(id: string): void {
  if (templates.get(id)?.asksForConsent !== true) return;
  throw new DomainError("invalid_input", `The template ${id} asks for consent and cannot be replaced.`, {
    errors: [{ pointer: "/path/id", message: "cannot be replaced", code: "fixed_template" }],
  });
}

function unsendable(message: string): DomainError {
  return new DomainError("invalid_input", `The mail would not be sent: ${message}.`, {
    errors: [{ pointer: "", message, code: "unsendable" }],
  });
}

function notStaff(allowed: readonly string[]): DomainError {
  const message = `test mails go to ${allowed.join(", ")}`;
  return new DomainError("invalid_input", `Nobody of the account has this address: ${message}.`, {
    errors: [{ pointer: "/to", message, code: "not_staff" }],
  });
}
