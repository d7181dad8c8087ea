import PostalMime from "postal-mime";
import type { HostClient } from "../local/client.ts";

/** A mail that left the system, as its reader sees it. */
export interface SentMail {
  readonly id: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly attachments: readonly {
    readonly contentId: string | undefined;
    readonly mimeType: string;
    readonly bytes: Uint8Array;
  }[];
}

/** Every mail sent so far, parsed, oldest first. */
export async function readMails(host: HostClient): Promise<readonly SentMail[]> {
  const summaries = await host.mails();
  return Promise.all(
    summaries.map(async ({ messageId, to }) => parseMail(messageId, to[0] ?? "", await host.rawMail(messageId))),
  );
}

async function parseMail(id: string, to: string, raw: string): Promise<SentMail> {
  const mail = await PostalMime.parse(raw);
  return {
    id,
    to: (/<([^>]+)>/.exec(to)?.[1] ?? to).toLowerCase(),
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: mail.html ?? "",
    headers: new Map(mail.headers.map(({ key, value }) => [key.toLowerCase(), value])),
    attachments: mail.attachments.map(({ contentId, mimeType, content }) => ({
      contentId,
      mimeType,
      bytes: typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content),
    })),
  };
}

/** The first link in a mail's text to a path of the public pages: `c` confirms, `u` unsubscribes, `p` is the preference centre. */
export function linkIn({ text }: Pick<SentMail, "text">, page: "c" | "p" | "u"): string | undefined {
  return new RegExp(`https?://[^\\s<>]+/${page}/[A-Za-z0-9._~-]+`).exec(text)?.[0];
}
