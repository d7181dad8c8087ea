import { type Html, html } from "../http/html.ts";
import { longDate } from "../kpis/date-words.ts";
import { formatValue } from "../kpis/format-value.ts";
import type { Status } from "../kpis/target.ts";
import { chartAlt, chartSize } from "./chart.ts";
import { againstTarget, type Digest, type DigestLine, isException, pictureDays, picturedLines } from "./digest.ts";
import {
  basisOf,
  changesOf,
  commonPeriodOf,
  firstSteps,
  headlineOf,
  methodOf,
  type Outlook,
  outlooksOf,
  paceOf,
  periodOf,
  shapes,
} from "./digest-words.ts";

/** Who reads a digest, and where its pictures are. */
export interface Showing {
  readonly accountName: string;
  /** `every day at 08:00 (Europe/Berlin)`. */
  readonly schedule: string;
  /** Absent where nobody's link may be shown. */
  readonly stopUrl?: string | undefined;
  /** The address of a KPI's trend picture. */
  readonly pictureUrl: (kpi: string) => string;
}

/** Colours that keep 4.5:1 against white, and those of dark mode against near-black. */
const colours: Readonly<Record<Status, "good" | "warn" | "bad" | "quiet">> = {
  achieved: "good",
  "on track": "good",
  "at risk": "warn",
  missed: "bad",
  "not enough data": "quiet",
  "no target": "quiet",
};
const light = { good: "#1c6b3a", warn: "#8a4b00", bad: "#a11a1a", quiet: "#52606d" } as const;
/** Wins over the inline colours in mail programs that know dark mode; the others keep the light ones. */
const dark = `@media (prefers-color-scheme:dark){body,.body{background:#15191e!important;color:#e8edf2!important}
.good{color:#6fd394!important}.warn{color:#f0b35a!important}.bad{color:#ff8f8f!important}.quiet{color:#a9b6c2!important}
.line{border-color:#3a4550!important}.card{background:#1e242b!important}a{color:#8cc4f0!important}}`;

const quiet = `color:${light.quiet};font-size:13px`;
const cell = "padding:10px 12px 10px 0;border-bottom:1px solid #d9e0e6;text-align:left;vertical-align:top";
const heading = "font-size:17px;line-height:1.3;margin:28px 0 8px";

/** The digest as HTML that reads well without its pictures and without styles. */
export function digestHtml(digest: Digest, showing: Showing): string {
  const exceptions = digest.empty ? [] : digest.lines.filter(isException);
  const outlooks = outlooksOf(digest);
  const common = commonPeriodOf(digest);
  const { accountName } = showing;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${digest.subject}</title><style>${dark}</style></head>
<body class="body" style="margin:0;padding:20px 16px;background:#ffffff;color:#1f2933;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<div style="max-width:600px;margin:0 auto">
<h1 style="font-size:22px;line-height:1.25;margin:0 0 4px">${accountName}: KPIs${digest.slice !== undefined && ` of ${digest.slice.by} ${digest.slice.group}`}</h1>
<p class="quiet" style="margin:0 0 16px;${quiet}">${longDate(digest.date)}</p>
<p style="margin:0 0 16px;font-size:17px;font-weight:600">${headlineOf(digest)}</p>
${exceptions.map((line) => exception(line, digest))}
${
  digest.lines.length > 0 &&
  html`<h2 style="${heading}">All KPIs</h2>${table(
    ["KPI", common ?? "Now", "Target", "Status"],
    digest.lines.map((line) => row(line, common === undefined)),
  )}`
}
${digest.empty && html`<p style="margin:16px 0 0">${firstSteps}</p>`}
${listed("Open alarms", alarmsBeside(digest, exceptions))}
${listed("What changed yesterday", changesOf(digest))}
${picturedLines(digest).length > 0 && html`<h2 style="${heading}">Trends of the last ${pictureDays} days</h2>${picturedLines(digest).map((line) => picture(line, showing))}`}
${outlooks.length > 0 && html`<h2 style="${heading}">Where it is heading</h2>${table(["KPI", "Expected", "Range", "Target"], outlooks.map(outlookRow))}`}
<h2 style="${heading}">How this is counted</h2>
<ul class="quiet" style="margin:0;padding-left:20px;${quiet}">${methodOf(digest).map((sentence) => html`<li>${sentence}</li>`)}</ul>
${footer(showing)}
</div></body></html>`.toString();
}

/** The alarms that no exception tells of already. */
export function alarmsBeside({ alarms }: Pick<Digest, "alarms">, exceptions: readonly DigestLine[]): readonly string[] {
  const told = new Set(exceptions.map(({ kpi }) => kpi.id));
  return alarms.filter(({ kpi }) => !told.has(kpi)).map(({ sentence }) => sentence);
}

function exception(line: DigestLine, { alarms }: Pick<Digest, "alarms">): Html {
  const { kpi, status, target, cause } = line;
  const colour = colours[status];
  const details = [periodOf(line), paceOf(line), target && `owner ${target.owner.name}`];
  const sentences = [cause, ...alarms.filter((alarm) => alarm.kpi === kpi.id).map(({ sentence }) => sentence)];
  return html`<div class="card" style="margin:0 0 12px;padding:12px 14px;background:#f5f7f9;border-left:4px solid ${light[colour]}">
<p style="margin:0"><strong>${kpi.title}</strong>: <span class="${colour}" style="color:${light[colour]};font-weight:600">${shapes[status]} ${status}</span>, <strong>${againstTarget(line)}</strong></p>
<p class="quiet" style="margin:0;${quiet}">${details.filter((detail) => detail !== undefined).join("; ")}</p>
${sentences.map((sentence) => sentence !== undefined && html`<p style="margin:6px 0 0">${sentence}</p>`)}
</div>
`;
}

function table(titles: readonly string[], rows: readonly Html[]): Html {
  return html`<table style="border-collapse:collapse;width:100%">
<thead><tr>${titles.map((title) => html`<th scope="col" class="line quiet" style="${cell};${quiet}">${title}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table>`;
}

function listed(title: string, items: readonly string[]): Html | undefined {
  if (items.length === 0) return undefined;
  return html`<h2 style="${heading}">${title}</h2>
<ul style="margin:0;padding-left:20px">${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function row(line: DigestLine, withPeriod: boolean): Html {
  const { kpi, value, target, status } = line;
  const colour = colours[status];
  const pace = paceOf(line);
  return html`<tr><th scope="row" class="line" style="${cell};font-weight:600">${kpi.title}${small(target?.owner.name)}</th>
<td class="line" style="${cell}"><strong>${formatValue(kpi, value)}</strong>${small(withPeriod ? periodOf(line) : basisOf(line))}</td>
<td class="line" style="${cell}">${target === undefined ? "none set" : formatValue(kpi, target.target)}${small(pace)}</td>
<td class="line ${colour}" style="${cell};padding-right:0;color:${light[colour]};font-weight:600;white-space:nowrap">${shapes[status]}${target !== undefined && ` ${status}`}</td></tr>
`;
}

function outlookRow({ title, period, expected, range, target }: Outlook): Html {
  return html`<tr><th scope="row" class="line" style="${cell};font-weight:600">${title}</th>
<td class="line" style="${cell}"><strong>${expected}</strong>${small(`end of ${period}`)}</td>
<td class="line" style="${cell}">${range}</td><td class="line" style="${cell};padding-right:0">${target}</td></tr>
`;
}

function small(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<br><span class="quiet" style="${quiet};font-weight:400">${text}</span>`;
}

function picture({ kpi, days }: DigestLine, { pictureUrl }: Showing): Html {
  return html`<p style="margin:0 0 12px"><img src="${pictureUrl(kpi.id)}" width="${chartSize.width}" height="${chartSize.height}" alt="${chartAlt(kpi, days)}" style="display:block;width:100%;max-width:${chartSize.width}px;height:auto"></p>
`;
}

function footer({ accountName, schedule, stopUrl }: Showing): Html {
  return html`<p class="line quiet" style="margin:28px 0 0;padding:12px 0 0;border-top:1px solid #d9e0e6;${quiet}">${accountName} sends you this digest ${schedule}.${stopUrl !== undefined && html` <a href="${stopUrl}" style="color:#1f5f93">Stop this digest</a>`}</p>`;
}
