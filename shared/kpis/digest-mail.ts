import { type Html, html } from "../http/html.ts";
import { chartAlt, chartSize } from "./chart.ts";
import { longDate, momentIn, periodName } from "./date-words.ts";
import { againstTarget, type Digest, type DigestLine, pictureDays, picturedLines } from "./digest.ts";
import { formatValue } from "./format-value.ts";
import type { Status } from "./target.ts";

/** A status as shape, text and colour; the colours keep 4.5:1 against white. */
const badges: Readonly<Record<Status, { readonly shape: string; readonly colour: string }>> = {
  achieved: { shape: "✔", colour: "#1c6b3a" },
  "on track": { shape: "●", colour: "#1c6b3a" },
  "at risk": { shape: "▲", colour: "#8a4b00" },
  missed: { shape: "✖", colour: "#a11a1a" },
  "not enough data": { shape: "○", colour: "#52606d" },
  "no target": { shape: "–", colour: "#52606d" },
};

const quiet = "color:#52606d;font-size:13px";
const cell = "padding:10px 12px 10px 0;border-bottom:1px solid #d9e0e6;text-align:left;vertical-align:top";
const heading = "font-size:17px;line-height:1.3;margin:28px 0 8px";

/** The content id of a KPI's trend picture within the mail. */
export function pictureId(kpi: string): string {
  return `trend-${kpi}@rapport`;
}

/** The digest as HTML that reads well without its pictures and without styles. */
export function digestHtml(digest: Digest, accountName: string): string {
  const changes = changesOf(digest);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light">
<title>${digest.subject}</title></head>
<body style="margin:0;padding:20px 16px;background:#ffffff;color:#1f2933;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<div style="max-width:600px;margin:0 auto">
<h1 style="font-size:22px;line-height:1.25;margin:0 0 4px">${accountName}: KPIs</h1>
<p style="margin:0 0 16px;${quiet}">${longDate(digest.date)}</p>
<p style="margin:0 0 16px;font-size:17px;font-weight:600">${headline(digest)}</p>
<table style="border-collapse:collapse;width:100%">
<thead><tr>${["KPI", "Now", "Target", "Status"].map((title) => html`<th scope="col" style="${cell};${quiet}">${title}</th>`)}</tr></thead>
<tbody>${digest.lines.map(row)}</tbody></table>
${digest.empty && html`<p style="margin:16px 0 0">${firstSteps}</p>`}
${listed("Open alarms", digest.alarms)}
${listed("What changed yesterday", changes)}
${!digest.empty && html`<h2 style="${heading}">Trends of the last ${pictureDays} days</h2>${picturedLines(digest).map(picture)}`}
<h2 style="${heading}">How this is counted</h2>
<ul style="margin:0;padding-left:20px;${quiet}">${methodOf(digest).map((sentence) => html`<li>${sentence}</li>`)}</ul>
</div></body></html>`.toString();
}

/** The digest as plain text, with everything that the pictures show in words. */
export function digestText(digest: Digest, accountName: string): string {
  const changes = changesOf(digest);
  const trends = digest.empty ? [] : digest.lines.map((line) => chartAlt(line.kpi, line.days));
  return [
    `${accountName}: KPIs of ${longDate(digest.date)}`,
    headline(digest),
    "",
    ...digest.lines.map(sentenceOf),
    ...(digest.empty ? ["", firstSteps] : []),
    ...section("Open alarms", digest.alarms),
    ...section("What changed yesterday", changes),
    ...section(`Trends of the last ${pictureDays} days`, trends),
    ...section("How this is counted", methodOf(digest)),
  ].join("\n");
}

const firstSteps =
  "Share the address of a form, or let your shop post its orders: the figures are here on the morning after the first one.";

function listed(title: string, items: readonly string[]): Html | undefined {
  if (items.length === 0) return undefined;
  return html`<h2 style="${heading}">${title}</h2>
<ul style="margin:0;padding-left:20px">${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function section(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ["", title, ...items.map((item) => `- ${item}`)];
}

function sentenceOf(line: DigestLine): string {
  const { shape } = badges[line.status];
  const details = [paceOf(line), periodOf(line), line.target && `owner ${line.target.owner.name}`];
  const known = details.filter((detail) => detail !== undefined).join("; ");
  return `${shape} ${line.kpi.title}: ${line.status}, ${againstTarget(line)} (${known})`;
}

function headline({ lines, empty }: Digest): string {
  if (empty) return "Nothing has come in yet.";
  const exceptions = lines.filter(({ status }) => status === "missed" || status === "at risk").length;
  if (exceptions === 0) return "No KPI is missed or at risk.";
  return `${exceptions} of ${lines.length} KPIs ${exceptions === 1 ? "needs" : "need"} attention.`;
}

function row(line: DigestLine): Html {
  const { shape, colour } = badges[line.status];
  const { kpi, value, target } = line;
  const pace = paceOf(line);
  return html`<tr><th scope="row" style="${cell};font-weight:600">${kpi.title}${target !== undefined && small(target.owner.name)}</th>
<td style="${cell}"><strong>${formatValue(kpi, value)}</strong>${small(periodOf(line))}</td>
<td style="${cell}">${target === undefined ? "none set" : formatValue(kpi, target.target)}${pace !== undefined && small(pace)}</td>
<td style="${cell};padding-right:0;color:${colour};font-weight:600;white-space:nowrap">${shape} ${line.status}</td></tr>
`;
}

function small(text: string): Html {
  return html`<br><span style="${quiet};font-weight:400">${text}</span>`;
}

function picture(line: DigestLine): Html {
  const { kpi, days } = line;
  return html`<p style="margin:0 0 12px"><img src="cid:${pictureId(kpi.id)}" width="${chartSize.width}" alt="${chartAlt(kpi, days)}" style="display:block;width:100%;max-width:${chartSize.width}px;height:auto"></p>
`;
}

/** What a value belongs to, and for a ratio how many it rests on. */
function periodOf({ kpi, period, complete, numerator, denominator, n }: DigestLine): string {
  const name = `${periodName(period)}${complete ? "" : " so far"}`;
  if (denominator === null || kpi.basis === undefined) return name;
  if (denominator === 0) return `${name}: no ${kpi.basis} yet`;
  return `${name}: ${kpi.format === "percent" ? `${numerator} of ${denominator}` : `${n} ${kpi.basis}`}`;
}

/** Why a count is on track or at risk. */
function paceOf({ kpi, due, status }: DigestLine): string | undefined {
  if (due === null || status === "achieved" || status === "not enough data") return undefined;
  return kpi.direction === "up" ? `${formatValue(kpi, due)} due by now` : `at most ${formatValue(kpi, due)} by now`;
}

/** What yesterday brought. A cohort's single days say nothing: its members have had no time. */
function changesOf({ lines, empty }: Digest): readonly string[] {
  if (empty) return [];
  return lines.filter(({ kpi }) => kpi.cohortDays === undefined).map(changeOf);
}

function changeOf({ kpi, yesterday, dayBefore }: DigestLine): string {
  if (yesterday === dayBefore) return `${kpi.title}: ${formatValue(kpi, yesterday)}, as on the day before`;
  return `${kpi.title}: ${formatValue(kpi, yesterday)}, after ${formatValue(kpi, dayBefore)} the day before`;
}

function methodOf({ lines, asOf, timeZone }: Digest): readonly string[] {
  return [
    ...lines.map(({ kpi }) => `${kpi.title}: ${kpi.definition}`),
    "While a period runs, a count is held against the share of its target that is due by now: the share that earlier periods had by then, where three are known, else the share of the time gone. In the first twentieth of a period nothing is called at risk.",
    "A ratio over nothing is n/a, not 0.",
    `Counted on ${momentIn(asOf, timeZone)}.`,
  ];
}
