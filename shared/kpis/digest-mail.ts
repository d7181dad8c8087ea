import { type Html, html } from "../http/html.ts";
import { chartAlt, chartSize } from "./chart.ts";
import { againstTarget, type Digest, type DigestLine } from "./digest.ts";
import { formatValue } from "./kpi.ts";
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

const cell = "padding:8px 10px;border-bottom:1px solid #d9e0e6;text-align:left;vertical-align:top";

/** The content id of a KPI's trend picture within the mail. */
export function pictureId(kpi: string): string {
  return `trend-${kpi}@rapport`;
}

/** The digest as HTML that reads well without its pictures and without styles. */
export function digestHtml(digest: Digest, accountName: string): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light">
<title>${digest.subject}</title></head>
<body style="margin:0;padding:16px;background:#ffffff;color:#1f2933;font:15px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<h1 style="font-size:20px;margin:0 0 4px">${accountName}: KPIs of ${digest.date}</h1>
<p style="margin:0 0 16px;color:#52606d">${headline(digest)}</p>
<table role="table" style="border-collapse:collapse;width:100%;max-width:640px">
<caption style="text-align:left;font-weight:600;padding:4px 0">Against target, worst first</caption>
<thead><tr>${["KPI", "Now", "Target", "Status", "Owner"].map((title) => html`<th scope="col" style="${cell}">${title}</th>`)}</tr></thead>
<tbody>${digest.lines.map(row)}</tbody></table>
<h2 style="font-size:16px;margin:24px 0 4px">What changed yesterday</h2>
<ul style="margin:0;padding-left:20px">${digest.lines.map((line) => html`<li>${changeOf(line)}</li>`)}</ul>
<h2 style="font-size:16px;margin:24px 0 4px">Trends</h2>
${digest.lines.map(picture)}
<p style="color:#52606d;font-size:13px;max-width:640px">${methodNote(digest)}</p>
</body></html>`.toString();
}

/** The digest as plain text, with everything that the pictures show in words. */
export function digestText(digest: Digest, accountName: string): string {
  const lines = digest.lines.map(
    (line) =>
      `${badges[line.status].shape} ${line.kpi.title}: ${againstTarget(line)} (${periodOf(line)}): ${line.status}${ownerOf(line)}`,
  );
  return [
    `${accountName}: KPIs of ${digest.date}`,
    headline(digest),
    "",
    ...lines,
    "",
    "What changed yesterday",
    ...digest.lines.map((line) => `- ${changeOf(line)}`),
    "",
    "Trends",
    ...digest.lines.map((line) => `- ${chartAlt(line.kpi, line.days)}`),
    "",
    methodNote(digest),
  ].join("\n");
}

function headline({ lines }: Digest): string {
  const exceptions = lines.filter(({ status }) => status === "missed" || status === "at risk").length;
  if (exceptions === 0) return "No KPI is missed or at risk.";
  return `${exceptions} of ${lines.length} KPIs ${exceptions === 1 ? "needs" : "need"} attention.`;
}

function row(line: DigestLine): Html {
  const { shape, colour } = badges[line.status];
  const target = line.target === undefined ? "none set" : formatValue(line.kpi, line.target.target);
  return html`<tr><th scope="row" style="${cell};font-weight:600">${line.kpi.title}</th>
<td style="${cell}">${formatValue(line.kpi, line.value)}<br><span style="color:#52606d;font-size:13px">${periodOf(line)}</span></td>
<td style="${cell}">${target}</td>
<td style="${cell};color:${colour};white-space:nowrap">${shape} ${line.status}</td>
<td style="${cell}">${line.target?.owner.name ?? "nobody"}</td></tr>`;
}

function picture(line: DigestLine): Html {
  return html`<p style="margin:8px 0"><img src="cid:${pictureId(line.kpi.id)}" width="${chartSize.width}" height="${chartSize.height}" alt="${chartAlt(line.kpi, line.days)}" style="max-width:100%;height:auto;border:1px solid #d9e0e6"></p>`;
}

function periodOf({ period, complete }: DigestLine): string {
  return `${period.kind} from ${period.start}${complete ? "" : ", so far"}`;
}

function ownerOf({ target }: DigestLine): string {
  return target === undefined ? "" : `, owner ${target.owner.name}`;
}

function changeOf({ kpi, yesterday, dayBefore }: DigestLine): string {
  return `${kpi.title}: ${formatValue(kpi, yesterday)} yesterday, ${formatValue(kpi, dayBefore)} the day before`;
}

function methodNote({ lines, asOf }: Digest): string {
  const definitions = lines.map(({ kpi }) => `${kpi.title}: ${kpi.definition}`).join(" ");
  return `${definitions} A ratio over nothing is n/a, not 0. While a period runs, counts are held against the share of the target that the days gone stand for. Counted at ${asOf}.`;
}
