import type { PreparedContent } from "../email/mail-message.ts";
import { type Html, html } from "../http/html.ts";
import { longDate } from "../kpis/date-words.ts";
import { formatValue } from "../kpis/format-value.ts";
import type { Gathered, Review } from "./review.ts";

type KpiOfReview = Gathered["kpis"][number];

/** What the managers are told when a review opens. */
export function reviewOpenedMail(review: Review, { kpis, themes, promises }: Gathered): PreparedContent {
  const judged = kpis.filter(({ status }) => status === "achieved" || status === "missed");
  const missed = judged.filter(({ status }) => status === "missed");
  const verdict = judged.length === 0 ? "is open" : `${missed.length} of ${judged.length} targets missed`;
  const kept = promises.items.filter(({ outcome }) => outcome === "kept").length;
  return mailOf(`Review of ${review.title}: ${verdict}`, [
    { title: "Missed", lines: missed.map(kpiWords) },
    { title: "Achieved", lines: judged.filter((kpi) => !missed.includes(kpi)).map(kpiWords) },
    {
      title: "Themes whose share has changed",
      lines: themes.items.filter(({ significant }) => significant).map(themeWords),
    },
    {
      title: `Promised last time: ${kept} of ${promises.items.length} done in time`,
      lines: promises.items.map(({ what, owner, dueOn, outcome }) => `${what} (${owner.name}, ${dueOn}): ${outcome}`),
    },
    {
      title: "Now",
      lines: [
        `GET /v1/reviews/${review.id} shows all of it.`,
        `Add what was learnt and decided, and who does what by when, and close it by ${longDate(review.closeBy)}.`,
      ],
    },
  ]);
}

/** What the managers are told once a review should be closed. */
export function reviewReminderMail(review: Review): PreparedContent {
  const lines = [
    `It was to be closed by ${longDate(review.closeBy)}.`,
    `POST /v1/reviews/${review.id}/close closes it and sets the next targets.`,
  ];
  return mailOf(`Review of ${review.title}: still open`, [{ title: "Now", lines }]);
}

function kpiWords(kpi: KpiOfReview): string {
  const [value, target] = [kpi.value, kpi.target].map((number) => formatValue(kpi, number));
  return `${kpi.title}: ${value} against ${target}${kpi.owner === null ? "" : ` (${kpi.owner.name})`}`;
}

function themeWords({ title, share, previousShare }: Gathered["themes"]["items"][number]): string {
  const [now, before] = [share, previousShare].map((of) => (of === null ? "n/a" : `${Math.round(of * 100)} %`));
  return `${title}: ${now} of comments, ${before} the period before`;
}

interface Part {
  readonly title: string;
  readonly lines: readonly string[];
}

function mailOf(subject: string, all: readonly Part[]): PreparedContent {
  const parts = all.filter(({ lines }) => lines.length > 0);
  return {
    subject,
    text: parts.map(({ title, lines }) => [title, ...lines.map((line) => `- ${line}`)].join("\n")).join("\n\n"),
    html: html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${subject}</title></head>
<body style="margin:0;padding:20px 16px;background:#ffffff;color:#1f2933;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<div style="max-width:600px;margin:0 auto">
<h1 style="font-size:19px;line-height:1.3;margin:0 0 16px">${subject}</h1>
${parts.map(partHtml)}
</div></body></html>`.toString(),
    images: [],
  };
}

function partHtml({ title, lines }: Part): Html {
  return html`<p style="margin:16px 0 4px;font-weight:600">${title}</p>
<ul style="margin:0;padding-left:20px">${lines.map((line) => html`<li>${line}</li>`)}</ul>
`;
}
