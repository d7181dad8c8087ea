import type { DayValue } from "./digest.ts";
import { formatValue, type Kpi } from "./kpi.ts";

export const chartSize = { width: 560, height: 132 } as const;

const plot = { left: 8, right: 552, top: 26, bottom: 106 } as const;
const ink = "#1f2933";
const quiet = "#616e7c";
const bar = "#2f6f9f";

/** A trend as bars, one a day, drawn to stand alone: title, highest and latest value and dates are in the picture. */
export function trendChart(kpi: Kpi, days: readonly DayValue[]): string {
  const highest = Math.max(0, ...days.map(({ value }) => value ?? 0));
  const step = (plot.right - plot.left) / Math.max(1, days.length);
  const bars = days.map(({ value }, index) => {
    const height = highest === 0 || value === null ? 0 : (value / highest) * (plot.bottom - plot.top);
    const x = plot.left + index * step + step * 0.15;
    return `<rect x="${x.toFixed(1)}" y="${(plot.bottom - height).toFixed(1)}" width="${(step * 0.7).toFixed(1)}" height="${height.toFixed(1)}" fill="${bar}"/>`;
  });
  const latest = days.at(-1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${chartSize.width}" height="${chartSize.height}" viewBox="0 0 ${chartSize.width} ${chartSize.height}">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    label(plot.left, 16, "start", ink, `${kpi.title} per day`),
    label(
      plot.right,
      16,
      "end",
      quiet,
      `highest ${formatValue(kpi, highest)}, latest ${formatValue(kpi, latest?.value ?? null)}`,
    ),
    ...bars,
    `<line x1="${plot.left}" y1="${plot.bottom}" x2="${plot.right}" y2="${plot.bottom}" stroke="${quiet}" stroke-width="1"/>`,
    label(plot.left, 124, "start", quiet, days[0]?.date ?? ""),
    label(plot.right, 124, "end", quiet, latest?.date ?? ""),
    "</svg>",
  ].join("");
}

/** What the picture says, for those who do not see it. */
export function chartAlt(kpi: Kpi, days: readonly DayValue[]): string {
  const values = days.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return `${kpi.title} per day: no data yet.`;
  const span = `${days[0]?.date} to ${days.at(-1)?.date}`;
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  return `${kpi.title} per day, ${span}: lowest ${formatValue(kpi, lowest)}, highest ${formatValue(kpi, highest)}, latest ${formatValue(kpi, days.at(-1)?.value ?? null)}.`;
}

function label(x: number, y: number, anchor: "start" | "end", fill: string, text: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${fill}" font-family="Inter" font-size="12" font-weight="500">${escapeXml(text)}</text>`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
