import type { PreparedContent } from "../email/mail-message.ts";
import { type Html, html } from "../http/html.ts";
import type { Alarm } from "./alarm.ts";

/** What the owner of a KPI is told when an alarm opens. */
export function alarmMail(alarm: Alarm): PreparedContent {
  const title = alarm.sentence.split(/; |\.$/)[0] ?? alarm.sentence;
  const lists = alarm.contributions.map(({ by, groups, rest }) => ({
    title: `By ${by}`,
    lines: [
      ...groups.slice(0, 5).map(({ group, share }) => `${group}: ${shareWords(share)}`),
      ...(rest.groups + Math.max(0, groups.length - 5) > 0 ? ["and smaller ones"] : []),
    ],
  }));
  const how = methodOf(alarm);
  return {
    subject: `${alarm.better ? "Good news" : "Alarm"}: ${title}`,
    text: [
      alarm.sentence,
      ...lists.flatMap((list) => ["", `${list.title}, share of the change`, ...list.lines.map((line) => `- ${line}`)]),
      "",
      how,
    ].join("\n"),
    html: html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title></head>
<body style="margin:0;padding:20px 16px;background:#ffffff;color:#1f2933;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<div style="max-width:600px;margin:0 auto">
<h1 style="font-size:19px;line-height:1.3;margin:0 0 16px">${alarm.sentence}</h1>
${lists.map(listHtml)}
<p style="color:#52606d;font-size:13px">${how}</p>
</div></body></html>`.toString(),
    images: [],
  };
}

function listHtml({ title, lines }: { readonly title: string; readonly lines: readonly string[] }): Html {
  return html`<p style="margin:16px 0 4px;font-weight:600">${title}, share of the change</p>
<ul style="margin:0;padding-left:20px">${lines.map((line) => html`<li>${line}</li>`)}</ul>
`;
}

function shareWords(share: number | null): string {
  return share === null ? "n/a" : `${Math.round(share * 100)} %`;
}

function methodOf({ type, test }: Alarm): string {
  const again = "You are told of it once; GET /v1/alarms shows what has become of it.";
  if (type === "silence")
    return `A source that comes nearly every day has paused for longer than in four weeks. ${again}`;
  if (type === "step") return `Outside of 99 % of what the periods before foretell. ${again}`;
  const words = test === null ? "" : ` (${test.test}, p = ${test.p.toFixed(3)})`;
  return `Whole periods, one after the other, each worse than the one before${words}. ${again}`;
}
