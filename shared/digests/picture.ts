import { initWasm, Resvg } from "@resvg/resvg-wasm";

/** The renderer's program and the font that it draws text with; without a font, text would vanish. */
export interface PictureAssets {
  readonly wasm: Uint8Array;
  readonly font: Uint8Array;
}

/** Draws an SVG as a PNG with twice its pixels, for sharp screens. */
export type DrawPicture = (svg: string) => Promise<Uint8Array>;

/** Prepares the renderer; the program is compiled at the first picture. */
export function createPainter({ wasm, font }: PictureAssets): DrawPicture {
  let ready: Promise<void> | undefined;
  return async (svg) => {
    ready ??= initWasm(new Uint8Array(wasm));
    await ready;
    const image = new Resvg(svg, {
      fitTo: { mode: "zoom", value: 2 },
      font: { fontBuffers: [new Uint8Array(font)], defaultFontFamily: "Inter", loadSystemFonts: false },
    });
    return image.render().asPng();
  };
}
