import type { MailMessage } from "../email/mail-message.ts";
import { trendChart } from "./chart.ts";
import { type DigestOptions, gatherDigest, picturedLines } from "./digest.ts";
import { digestHtml, digestText, pictureId } from "./digest-mail.ts";
import type { DrawPicture } from "./picture.ts";
import { rollUp } from "./roll-up.ts";

export interface SendDigest extends DigestOptions {
  readonly accountName: string;
  readonly managers: readonly { readonly name: string; readonly email: string }[];
  readonly draw: DrawPicture;
  readonly sendMail: (message: MailMessage) => Promise<void>;
  readonly correlationId: string;
}

/** Dates that a digest counts before it tells of them; while history is counted, older ones wait for the hourly roll-up. */
const freshDates = 31;

/**
 * Brings the snapshots up to date and hands each manager's digest to the mail queue. Its message key is the local
 * date, so that however often this runs, the ledger lets one a day through.
 */
export async function sendDigest(options: SendDigest): Promise<{ readonly date: string; readonly recipients: number }> {
  await rollUp({ ...options, most: freshDates, now: () => options.now });
  const digest = await gatherDigest(options);
  const images = await Promise.all(
    picturedLines(digest).map(async ({ kpi, days }) => ({
      cid: pictureId(kpi.id),
      contentType: "image/png",
      base64: Buffer.from(await options.draw(trendChart(kpi, days))).toString("base64"),
    })),
  );
  const content = {
    subject: digest.subject,
    html: digestHtml(digest, options.accountName),
    text: digestText(digest, options.accountName),
    images,
  };
  await Promise.all(
    options.managers.map((manager) =>
      options.sendMail({
        owner: { staff: manager },
        messageKey: `digest-${digest.date}`,
        content,
        correlationId: options.correlationId,
      }),
    ),
  );
  return { date: digest.date, recipients: options.managers.length };
}
