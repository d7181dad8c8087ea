import { Html, html } from "../http/html.ts";
import { longDate } from "../kpis/date-words.ts";
import { formatValue } from "../kpis/format-value.ts";
import type { Status } from "../kpis/target.ts";
import { chartAlt, chartSize } from "./chart.ts";
import { againstTarget, type Digest, type DigestLine, pictureDays, picturedLines } from "./digest.ts";
import { css } from "./digest-style.ts";
import {
  alarmsBeside,
  basisOf,
  changesOf,
  commonPeriodOf,
  exceptionsOf,
  expectationWords,
  firstSteps,
  headlineOf,
  methodOf,
  type Outlook,
  outlooksOf,
  paceOf,
  periodOf,
  shapes,
  untoldOf,
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

const classes: Readonly<Record<Status, string>> = {
  achieved: "good",
  "on track": "good",
  "at risk": "warn",
  missed: "bad",
  "not enough data": "quiet",
  "no target": "quiet",
};

// Made without the tag: nothing in it is from outside.
const style = new Html([`<style>${css}</style>`], []);

/**
 * The digest as HTML that reads well without its pictures and without styles. Styles stand in its head, since mailboxes cut
 * what is longer than 102 KB, and some fifty KPIs must not be.
 */
export function digestHtml(digest: Digest, showing: Showing): string {
  const exceptions = exceptionsOf(digest);
  const untold = untoldOf(digest);
  const outlooks = outlooksOf(digest);
  const common = commonPeriodOf(digest);
  const pictures = picturedLines(digest);
  const { accountName } = showing;
  const { slice, lines } = digest;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${digest.subject}</title>${style}</head>
<body><div class="page">
<h1>${accountName}: KPIs${slice !== undefined && ` of ${slice.by} ${slice.group}`}</h1>
<p class="quiet">${longDate(digest.date)}</p>
<p class="headline">${headlineOf(digest)}</p>
${exceptions.map((line) => card(line, digest))}
${untold !== undefined && html`<p>${untold}</p>`}
${
  lines.length > 0 &&
  html`<h2>All KPIs</h2>${table(
    ["KPI", common ?? "Now", "Target", "Status"],
    lines.map((line) => row(line, common === undefined)),
  )}`
}
${digest.empty && html`<p>${firstSteps}</p>`}
${listed("Open alarms", alarmsBeside(digest))}
${listed("What changed yesterday", changesOf(digest))}
${pictures.length > 0 && html`<h2>Trends of the last ${pictureDays} days</h2>${pictures.map((line) => picture(line, showing))}`}
${outlooks.length > 0 && html`<h2>Where it is heading</h2>${outlookTable(outlooks)}`}
<h2>How this is counted</h2>
<ul class="quiet">${methodOf(digest).map((sentence) => html`<li>${sentence}</li>`)}</ul>
${footer(showing)}
</div></body></html>`.toString();
}

function card(line: DigestLine, { alarms }: Pick<Digest, "alarms">): Html {
  const { kpi, status, target, cause } = line;
  const details = [periodOf(line), paceOf(line), target && `owner ${target.owner.name}`];
  const sentences = [cause, ...alarms.filter((alarm) => alarm.kpi === kpi.id).map(({ sentence }) => sentence)];
  return html`<div class="card ${classes[status]}">
<p><strong>${kpi.title}</strong>: <strong class="status">${shapes[status]} ${status}</strong>, <strong>${againstTarget(line)}</strong></p>
<p class="quiet">${details.filter((detail) => detail !== undefined).join("; ")}</p>
${sentences.map((sentence) => sentence !== undefined && html`<p>${sentence}</p>`)}
</div>
`;
}

function table(titles: readonly string[], rows: readonly Html[]): Html {
  return html`<table><thead><tr>${titles.map((title) => html`<th scope="col" class="quiet">${title}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table>`;
}

function listed(title: string, items: readonly string[]): Html | undefined {
  if (items.length === 0) return undefined;
  return html`<h2>${title}</h2>
<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>`;
}

function row(line: DigestLine, withPeriod: boolean): Html {
  const { kpi, value, target, status } = line;
  return html`<tr><th scope="row">${kpi.title}${small(target?.owner.name)}</th>
<td><strong>${formatValue(kpi, value)}</strong>${small(withPeriod ? periodOf(line) : basisOf(line))}</td>
<td>${target === undefined ? "none set" : formatValue(kpi, target.target)}${small(paceOf(line))}</td>
<td class="status ${classes[status]}">${shapes[status]}${target !== undefined && ` ${status}`}</td></tr>
`;
}

function outlookTable(outlooks: readonly Outlook[]): Html {
  const rows = outlooks.map(({ title, target, end, next, error }) => {
    const later = [...next.map(expectationWords), error].filter((words) => words !== undefined);
    return html`<tr><th scope="row">${title}${small(target)}</th>
<td>${end !== undefined && html`<div><strong>${end.expected}</strong> (${end.range}) by the end of ${end.period}</div>`}${later.map((words) => html`<div class="quiet">${words}</div>`)}</td></tr>
`;
  });
  return table(["KPI", "Expected"], rows);
}

function small(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : html`<br><small class="quiet">${text}</small>`;
}

function picture({ kpi, days }: DigestLine, { pictureUrl }: Showing): Html {
  const { width, height } = chartSize;
  return html`<p><img src="${pictureUrl(kpi.id)}" width="${width}" height="${height}" alt="${chartAlt(kpi, days)}" style="max-width:100%;height:auto"></p>
`;
}

function footer({ accountName, schedule, stopUrl }: Showing): Html {
  return html`<p class="foot quiet">${accountName} sends you this digest ${schedule}.${stopUrl !== undefined && html` <a href="${stopUrl}">Stop this digest</a>`}</p>`;
}
