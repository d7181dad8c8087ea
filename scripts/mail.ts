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

/** Every mail sent so far, or those to one address, parsed, oldest first. */
export async function readMails(host: HostClient, address?: string): Promise<readonly SentMail[]> {
  const summaries = (await host.mails()).map((mail) => ({ id: mail.messageId, to: addressIn(mail.to[0] ?? "") }));
  const wanted = summaries.filter(({ to }) => address === undefined || to === address.toLowerCase());
  return Promise.all(wanted.map(async ({ id, to }) => parseMail(id, to, await host.rawMail(id))));
}

/** The address in `Name <address>`, in lower case. */
export function addressIn(recipient: string): string {
  return (/<([^>]+)>/.exec(recipient)?.[1] ?? recipient).toLowerCase();
}

async function parseMail(id: string, to: string, raw: string): Promise<SentMail> {
  const mail = await PostalMime.parse(raw);
  return {
    id,
    to,
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
