import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { show } from "../../../web/dom.ts";
import { type Child, h, type Tree } from "../../../web/tree.ts";
import { openPage } from "./page.ts";

let place: ReturnType<typeof openPage>;
beforeEach(() => {
  place = openPage();
});
afterEach(() => vi.unstubAllGlobals());

const showIn = (on: typeof place, ...children: readonly Child[]) =>
  show(on as unknown as Element, h("main", {}, ...children).children);

describe("a place on the page", () => {
  it("shows text as text, and pictures as pictures", () => {
    showIn(place, h("p", { class: "x" }, "<b>&"), h("svg", {}, h("rect", { width: 1 })));
    expect(String(place)).toBe('<main><p class="x"><b>&</p><svg><rect width="1"></rect></svg></main>');
    const [, svg] = place.childNodes as (typeof place)[];
    const [rect] = (svg?.childNodes ?? []) as (typeof place)[];
    expect([svg?.namespaceURI, rect?.namespaceURI]).toEqual(Array(2).fill("http://www.w3.org/2000/svg"));
  });

  it("keeps the elements that stay, so that the focus does", () => {
    showIn(place, h("p", {}, "1"), h("button", { class: "a" }, "Refresh"));
    const [, button] = place.childNodes;
    showIn(place, h("h2", {}, "2"), h("button", {}, "Refresh"), "more");
    expect(place.childNodes[1]).toBe(button);
    expect(String(place)).toBe("<main><h2>2</h2><button>Refresh</button>more</main>");
  });

  it("calls the newest listener, once, and none that is gone", () => {
    const [old, current] = [vi.fn(), vi.fn()];
    for (const click of [old, undefined, current]) showIn(place, h("button", { click }));
    const [button] = place.childNodes as (typeof place)[];
    button?.dispatch("click");
    expect([old.mock.calls.length, current.mock.calls.length]).toEqual([0, 1]);
    showIn(place, h("button"));
    button?.dispatch("click");
    expect(current).toHaveBeenCalledTimes(1);
  });

  it("leaves unfolded what a reader unfolded", () => {
    showIn(place, h("details", {}, "more"));
    const [details] = place.childNodes as (typeof place)[];
    details?.setAttribute("open", "");
    showIn(place, h("details", { class: "x" }, "more"));
    expect(String(place)).toBe('<main><details open="" class="x">more</details></main>');
  });

  it("looks the same whatever it showed before", () => {
    const { tree } = fc.letrec<{ tree: Tree; child: Child }>((tie) => ({
      tree: fc
        .tuple(
          fc.constantFrom("p", "a", "ul"),
          fc.dictionary(fc.constantFrom("id", "class"), fc.constantFrom("x", "y")),
          fc.array(tie("child"), { maxLength: 3 }),
        )
        .map(([tag, attributes, children]) => h(tag, { class: attributes.class, id: attributes.id }, children)),
      child: fc.oneof({ maxDepth: 3 }, fc.constantFrom("one", "two"), tie("tree")),
    }));
    fc.assert(
      fc.property(tree, tree, (before, after) => {
        const [used, fresh] = [openPage(), openPage()];
        showIn(used, before);
        showIn(used, after);
        showIn(fresh, after);
        const sorted = (text: string) =>
          text.replaceAll(/( \w+="\w+")( \w+="\w+")/g, (_, a, b) => [a, b].sort().join(""));
        expect(sorted(String(used))).toBe(sorted(String(fresh)));
      }),
    );
  });
});
