import { h, type Tree } from "./tree.ts";

/** Shares side by side, each from 0 to 1, named as the style colours them. A picture of the numbers beside it, so it is not read out. */
export function bar(shares: readonly (readonly [name: string, share: number])[]): Tree {
  let at = 0;
  return h(
    "svg",
    { class: "bar", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
    h("rect", { class: "rest", width: 100, height: 4 }),
    shares.map(([name, share]) => {
      const x = at;
      at += share * 100;
      return h("rect", { class: name, x: x.toFixed(2), width: (share * 100).toFixed(2), height: 4 });
    }),
  );
}
