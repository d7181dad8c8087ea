import { inject } from "vitest";
import { type HostProcess, type HostProcessOptions, startHostProcess } from "../../local/host-process.ts";
import { linkIn, readMails, type SentMail } from "../../scripts/mail.ts";
import { sampleForm } from "../../scripts/sample.ts";
import { connectToStack, type Stack } from "../../scripts/stack.ts";

/** A running system with the sample form and targets in it, and what tests do with it. */
export interface TestStack extends Stack {
  readonly process: HostProcess;
  /** Posts a lead to the sample form, each from its own address unless `ip` says otherwise. */
  postLead(fields: Record<string, unknown>, options?: PostOptions): Promise<Response>;
  /** Mails to an address, oldest first. */
  mailsTo(email: string): Promise<readonly SentMail[]>;
  /** The one contact with an address, and its timeline's events, oldest first. */
  contact(email: string): Promise<{ readonly contact: ContactView; readonly events: readonly EventView[] } | undefined>;
  contacts(): Promise<readonly ContactView[]>;
  /** Presses the button behind the link in a mail. */
  press(mail: SentMail | undefined, page: "c" | "u"): Promise<number>;
  apiKey(): Promise<string>;
  track(key: string, event: Record<string, unknown>): Promise<Response>;
}

export interface PostOptions {
  readonly headers?: Record<string, string>;
  readonly form?: string;
  readonly ip?: string;
}

export interface ContactView {
  readonly id: string;
  readonly email: string;
  readonly lead: { readonly at: string } | null;
  readonly customerAt: string | null;
  readonly version: number;
  readonly orders: number;
}

export interface EventView {
  readonly name: string;
  readonly occurredAt: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export const withSegments = "node scripts/seed.ts";

let senders = 0;

/**
 * Boots the synthesized stacks in a process of their own with the sample form and targets, and connects. Segments, which
 * add work to every event, are there only if `after: withSegments` asks for them.
 */
export async function startTestStack(options: HostProcessOptions = {}): Promise<TestStack> {
  const process = await startHostProcess({
    assembly: inject("assembly"),
    after: "node scripts/seed.ts --bare",
    ...options,
  });
  return testStackOf(process);
}

/** Connects to a system that runs already. */
export async function testStackOf(process: HostProcess): Promise<TestStack> {
  const stack = await connectToStack(process.controlUrl);
  const staffJson = async (path: string) => (await stack.staff("sales", "GET", path)).json();

  async function contacts(): Promise<readonly ContactView[]> {
    const all: ContactView[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page: { items: ContactView[]; nextCursor: string | null } = await staffJson(
        `/v1/contacts?limit=100${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      all.push(...page.items);
      cursor = page.nextCursor;
    }
    return all;
  }

  return {
    ...stack,
    process,
    contacts,
    postLead(fields, { headers = {}, form = sampleForm.id, ip } = {}) {
      senders++;
      return fetch(`${stack.publicUrl}/v1/forms/${form}/submissions`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-local-source-ip": ip ?? `10.${(senders >> 16) & 255}.${(senders >> 8) & 255}.${senders & 255}`,
          ...headers,
        },
        body: JSON.stringify(fields),
        redirect: "manual",
      });
    },
    mailsTo: (email) => readMails(stack.host, email),
    async contact(email) {
      const { items } = await staffJson(`/v1/contacts?email=${encodeURIComponent(email)}`);
      const [found]: ContactView[] = items;
      if (found === undefined) return undefined;
      const timeline = await staffJson(`/v1/contacts/${found.id}/timeline?limit=100`);
      return { contact: found, events: timeline.items.toReversed() };
    },
    async press(mail, page) {
      const link = mail && linkIn(mail, page);
      if (link === undefined) throw new Error(`no such link in the mail "${mail?.subject}"`);
      const response = await fetch(link, { method: "POST" });
      await response.arrayBuffer();
      return response.status;
    },
    async apiKey() {
      const response = await stack.staff("admin", "POST", "/v1/api-keys", {
        body: { name: "test-shop", scopes: ["track"] },
      });
      return (await response.json()).secret;
    },
    track(key, event) {
      return fetch(`${stack.publicUrl}/v1/track`, {
        method: "POST",
        headers: {
          authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(event),
      });
    },
  };
}

/** An order of the Segment spec. */
export function orderEvent(
  email: string,
  messageId: string,
  timestamp: string,
  properties: Record<string, unknown> = {},
) {
  return {
    type: "track",
    event: "Order Completed",
    messageId,
    timestamp,
    context: { traits: { email } },
    properties: { order_id: messageId, currency: "USD", revenue: 49.9, products: [], ...properties },
  };
}
