import type { Act } from "../../../web/api.ts";
import type { Child, Tree } from "../../../web/tree.ts";
import { h } from "../../../web/tree.ts";

/** All elements of some markup, in order. */
export function elementsIn(child: Child): readonly Tree[] {
  const walk = (tree: Tree): Tree[] => [
    tree,
    ...tree.children.flatMap((each) => (typeof each === "string" ? [] : walk(each))),
  ];
  return walk(h("div", {}, child)).slice(1);
}

/** What a reader reads, each text between bars. */
export function textOf(child: Child): string {
  const walk = (tree: Tree): string[] =>
    tree.children.flatMap((each) => (typeof each === "string" ? [each] : walk(each)));
  return walk(h("div", {}, child)).join("|");
}

/** For pages on which nothing is changed. */
export const noAct: Act = () => {
  throw new Error("nothing is to be changed here");
};
