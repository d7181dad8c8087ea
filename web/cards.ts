import { type Child, h } from "./tree.ts";

/** A table whose lines, each of a heading and cells, are cards on a phone. */
export function cards(caption: string, columns: readonly string[], rows: readonly (readonly Child[])[]): Child {
  return h(
    "table",
    { class: "cards", role: "table" },
    h("caption", { class: "hidden" }, caption),
    h(
      "thead",
      {},
      h(
        "tr",
        {},
        columns.map((name) => h("th", { scope: "col" }, name)),
      ),
    ),
    h(
      "tbody",
      {},
      rows.map(([first, ...others]) =>
        h(
          "tr",
          { role: "row" },
          h("th", { scope: "row", role: "rowheader" }, first),
          others.map((content, at) => h("td", { "data-label": columns[at + 1], role: "cell" }, content)),
        ),
      ),
    ),
  );
}
