import { shortDate } from "../kpis/date-words.ts";
import { formatValue } from "../kpis/format-value.ts";
import type { Kpi } from "../kpis/kpi.ts";
import type { DayValue } from "./digest.ts";

export const chartSize = { width: 560, height: 136 } as const;

const plot = { left: 8, right: 552, top: 30, bottom: 110 } as const;
const ink = "#1f2933";
const quiet = "#616e7c";
const bar = "#6a9cc4";
const latestBar = "#1f5f93";

/** A trend as bars, one a day, drawn to stand alone: title, highest and latest value and dates are in the picture. */
export function trendChart(kpi: Kpi, days: readonly DayValue[]): string {
  const highest = Math.max(0, ...days.map(({ value }) => value ?? 0));
  const step = (plot.right - plot.left) / Math.max(1, days.length);
  const bars = days.map(({ value }, index) => {
    if (value === null) return "";
    const height = highest === 0 ? 0 : (value / highest) * (plot.bottom - plot.top);
    const x = plot.left + index * step + step * 0.15;
    return `<rect x="${x.toFixed(1)}" y="${(plot.bottom - height).toFixed(1)}" width="${(step * 0.7).toFixed(1)}" height="${height.toFixed(1)}" fill="${index === days.length - 1 ? latestBar : bar}"/>`;
  });
  const latest = days.at(-1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${chartSize.width}" height="${chartSize.height}" viewBox="0 0 ${chartSize.width} ${chartSize.height}">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    label(plot.left, 18, "start", ink, chartTitle(kpi)),
    highest > 0 &&
      label(
        plot.right,
        18,
        "end",
        quiet,
        `highest ${formatValue(kpi, highest)}, latest ${formatValue(kpi, latest?.value ?? null)}`,
      ),
    highest === 0 && label(chartSize.width / 2, 70, "middle", quiet, "Nothing in these days"),
    ...bars,
    `<line x1="${plot.left}" y1="${plot.bottom}" x2="${plot.right}" y2="${plot.bottom}" stroke="${quiet}" stroke-width="1"/>`,
    label(plot.left, 129, "start", quiet, days[0] === undefined ? "" : shortDate(days[0].date)),
    label(plot.right, 129, "end", quiet, latest === undefined ? "" : shortDate(latest.date)),
    "</svg>",
  ]
    .filter((part) => part !== false)
    .join("");
}

/** What the picture says, for those who do not see it. */
export function chartAlt(kpi: Kpi, days: readonly DayValue[]): string {
  const values = days.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return `${chartTitle(kpi)}: no data yet.`;
  const span = [days.at(0), days.at(-1)]
    .flatMap((day) => (day === undefined ? [] : [shortDate(day.date)]))
    .join(" to ");
  if (values.every((value) => value === 0)) return `${chartTitle(kpi)}, ${span}: ${formatValue(kpi, 0)} throughout.`;
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  return `${chartTitle(kpi)}, ${span}: lowest ${formatValue(kpi, lowest)}, highest ${formatValue(kpi, highest)}, latest ${formatValue(kpi, days.at(-1)?.value ?? null)}.`;
}

/** A cohort's day is the day on which its members came: its value still grows. */
function chartTitle({ title, cohortDays }: Kpi): string {
  return cohortDays === undefined ? `${title} per day` : `${title} by day of the lead, so far`;
}

function label(x: number, y: number, anchor: "start" | "middle" | "end", fill: string, text: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${fill}" font-family="Inter" font-size="15" font-weight="500">${escapeXml(text)}</text>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
