import MailComposer from "nodemailer/lib/mail-composer";
import { cleanLine } from "./clean-text.ts";
import type { PreparedContent } from "./mail-message.ts";
import type { RenderedMail } from "./render.ts";

/** What a raw message is made of. */
export interface Envelope {
  /** `Name <address>`. */
  readonly from: string;
  readonly to: { readonly name: string; readonly address: string };
  readonly mail: RenderedMail & Partial<Pick<PreparedContent, "images">>;
  /** Given for what one click can stop: both headers of RFC 8058 are then set. */
  readonly unsubscribeUrl?: string | undefined;
  readonly date: Date;
}

/** The raw message: text and HTML as alternatives, images beside the HTML. SES adds the Message-ID and signs. */
export async function rawMessage({ from, to, mail, unsubscribeUrl, date }: Envelope): Promise<Uint8Array> {
  const composer = new MailComposer({
    from,
    to: [{ name: cleanLine(to.name), address: to.address }],
    subject: cleanLine(mail.subject),
    date,
    text: mail.text,
    html: mail.html,
    attachments: (mail.images ?? []).map(({ cid, contentType, base64 }) => ({
      cid,
      contentType,
      content: Buffer.from(base64, "base64"),
      contentDisposition: "inline",
      filename: false,
    })),
    headers: headersOf(unsubscribeUrl),
    newline: "\r\n",
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return withoutMessageId(await composer.compile().build());
}

function headersOf(unsubscribeUrl: string | undefined): Record<string, string | { prepared: boolean; value: string }> {
  // Tells out-of-office robots not to answer (RFC 3834).
  const automatic = { "Auto-Submitted": "auto-generated" };
  if (unsubscribeUrl === undefined) return automatic;
  // The URL must stay in one piece: it is ours, ASCII and shorter than a header line may be.
  const link = { prepared: true, value: `<${new URL(unsubscribeUrl).href}>` };
  return { ...automatic, "List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" };
}

/** The composer always makes one; SES replaces it by its own, under which its events name the mail. */
function withoutMessageId(raw: Buffer): Uint8Array {
  const end = raw.indexOf("\r\n\r\n");
  const head = raw.subarray(0, end).toString("latin1");
  const kept = head.replace(/^Message-ID:.*(?:\r\n[ \t].*)*\r\n/im, "");
  return Buffer.concat([Buffer.from(kept, "latin1"), raw.subarray(end)]);
}
