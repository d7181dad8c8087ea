import type { PreparedContent } from "../email/mail-message.ts";
import { trendChart } from "./chart.ts";
import { type Digest, picturedLines } from "./digest.ts";
import { digestHtml } from "./digest-html.ts";
import { digestText } from "./digest-text.ts";
import { scheduleWords } from "./digest-words.ts";
import type { DrawPicture } from "./picture.ts";
import type { Schedule } from "./subscription.ts";

export interface DigestMaking {
  readonly accountName: string;
  /** The account's, for schedules without one of their own. */
  readonly timeZone: string;
  readonly draw: DrawPicture;
}

/** A digest as the mail that a recipient gets. */
export async function digestMail(
  digest: Digest,
  schedule: Schedule,
  { accountName, timeZone, draw, stopUrl }: DigestMaking & { readonly stopUrl: string },
): Promise<PreparedContent> {
  const showing = { accountName, schedule: scheduleWords(schedule, timeZone), stopUrl };
  return {
    subject: digest.subject,
    html: digestHtml(digest, { ...showing, pictureUrl: (kpi) => `cid:${pictureId(kpi)}` }),
    text: digestText(digest, showing),
    images: (await drawAll(digest, draw)).map(({ kpi, base64 }) => ({
      cid: pictureId(kpi),
      contentType: "image/png",
      base64,
    })),
    stopUrl,
  };
}

/** A digest as a page that needs nothing from elsewhere, and without anybody's link. */
export async function digestPage(
  digest: Digest,
  schedule: Schedule,
  { accountName, timeZone, draw }: DigestMaking,
): Promise<string> {
  const pictures = new Map((await drawAll(digest, draw)).map(({ kpi, base64 }) => [kpi, base64]));
  return digestHtml(digest, {
    accountName,
    schedule: scheduleWords(schedule, timeZone),
    pictureUrl: (kpi) => `data:image/png;base64,${pictures.get(kpi)}`,
  });
}

/** The content id of a KPI's trend picture within the mail. */
function pictureId(kpi: string): string {
  return `trend-${kpi}@rapport`;
}

function drawAll(digest: Digest, draw: DrawPicture) {
  return Promise.all(
    picturedLines(digest).map(async ({ kpi, days }) => ({
      kpi: kpi.id,
      base64: Buffer.from(await draw(trendChart(kpi, days))).toString("base64"),
    })),
  );
}
