import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { inflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { chartAlt, chartSize, trendChart } from "../../../shared/digests/chart.ts";
import { createPainter } from "../../../shared/digests/picture.ts";
import { kpiNamed } from "../kpis/support.ts";

const require = createRequire(import.meta.url);
const draw = createPainter({
  wasm: readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")),
  font: readFileSync(require.resolve("@expo-google-fonts/inter/500Medium/Inter_500Medium.ttf")),
});
const newLeads = kpiNamed("new-leads");
const days = [3, 0, 7].map((value, index) => ({ date: `2026-11-2${index}`, value }));

/** Uncompressed pixel rows of a PNG: enough to tell two pictures apart. */
function pixelsOf(png: Uint8Array): Buffer {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = Buffer.from(png).readUInt32BE(at);
    if (Buffer.from(png).toString("latin1", at + 4, at + 8) === "IDAT")
      parts.push(Buffer.from(png.subarray(at + 8, at + 8 + length)));
    at += length + 12;
  }
  return inflateSync(Buffer.concat(parts));
}

describe("a trend picture", () => {
  it("is a PNG with twice the pixels of its place in the mail", async () => {
    const png = Buffer.from(await draw(trendChart(newLeads, days)));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([chartSize.width * 2, chartSize.height * 2]);
  });

  it("really draws its text", async () => {
    const svg = trendChart(newLeads, days);
    const [withText, without] = [await draw(svg), await draw(svg.replaceAll(/<text.*?<\/text>/g, ""))];
    expect(pixelsOf(withText).equals(pixelsOf(without))).toBe(false);
  });

  it("draws higher values higher, and nothing for no data", () => {
    const heights = [...trendChart(newLeads, days).matchAll(/<rect x=.*?height="([\d.]+)"/g)].map(([, height]) =>
      Number(height),
    );
    expect(heights).toEqual([expect.closeTo(34.3, 1), 0, 80]);
    expect(trendChart(newLeads, [])).not.toContain("NaN");
  });

  it("says in words what it shows", () => {
    expect(chartAlt(newLeads, days)).toBe("New leads per day, Nov 20 to Nov 22: lowest 0, highest 7, latest 7.");
    expect(chartAlt(newLeads, [{ date: "2026-11-20", value: null }])).toBe("New leads per day: no data yet.");
    expect(
      chartAlt(newLeads, [
        { date: "2026-11-20", value: 0 },
        { date: "2026-11-21", value: 0 },
      ]),
    ).toBe("New leads per day, Nov 20 to Nov 21: 0 throughout.");
  });
});
