import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exitsOf } from "../../../shared/journeys/exits.ts";
import { type Step, stepSchema } from "../../../shared/journeys/step.ts";
import { type FlowItem, flowOf } from "../../../web/journeys/flow.ts";

const mail = (id: string, next: string) => stepSchema.parse({ type: "email", id, templateId: "t", next });
const end = (id = "end") => stepSchema.parse({ type: "end", id });
const branch = (id: string, branches: readonly string[], otherwise: string) =>
  stepSchema.parse({
    type: "branch",
    id,
    branches: branches.map((next) => ({ when: [{ property: "contact.orders", atLeast: 1 }], next })),
    otherwise,
  });

/** `1 a [2 b | 3 c] 4 end`; `>x` goes on at x. */
function drawn(items: readonly FlowItem[]): string {
  return items
    .map((item) => {
      if (item.kind === "goto") return `>${item.stepId}`;
      const ways = item.ways.length === 0 ? "" : ` [${item.ways.map((way) => drawn(way.items)).join(" | ")}]`;
      return `${item.number} ${item.step.id}${ways}`;
    })
    .join(" ");
}

describe("the steps of a journey", () => {
  it.each<[string, readonly Step[], string]>([
    ["stand in a row", [mail("a", "b"), mail("b", "end"), end()], "1 a 2 b 3 end"],
    [
      "part and meet again",
      [branch("a", ["b"], "c"), mail("b", "d"), mail("c", "d"), mail("d", "end"), end()],
      "1 a [2 b | 3 c] 4 d 5 end",
    ],
    ["skip a step on one way", [branch("a", ["b"], "end"), mail("b", "end"), end()], "1 a [2 b | ] 3 end"],
    [
      "part and do not meet",
      [branch("a", ["b"], "c"), mail("b", "end"), mail("c", "stop"), end(), end("stop")],
      "1 a [2 b 3 end | 4 c 5 stop]",
    ],
    [
      "part within a part, whose ways meet further out",
      [
        branch("a", ["b"], "c"),
        branch("b", ["d"], "e"),
        mail("c", "f"),
        mail("d", "f"),
        mail("e", "f"),
        mail("f", "end"),
        end(),
      ],
      "1 a [2 b [3 d | 4 e] | 5 c] 6 f 7 end",
    ],
    [
      "part within a part, and meet within it",
      [
        branch("a", ["b"], "c"),
        branch("b", ["d"], "e"),
        mail("c", "f"),
        mail("d", "g"),
        mail("e", "g"),
        mail("g", "f"),
        mail("f", "end"),
        end(),
      ],
      "1 a [2 b [3 d | 4 e] 5 g | 6 c] 7 f 8 end",
    ],
    ["go back", [mail("a", "b"), branch("b", ["a"], "end"), end()], "1 a 2 b [>a | 3 end]"],
  ])("%s", (_case, steps, words) => {
    expect(drawn(flowOf({ start: "a", steps }))).toBe(words);
  });

  it("stand there once each, numbered in the order of reading, whatever leads where", () => {
    const ids = Array.from({ length: 7 }, (_, at) => `s${at}`);
    const anyId = fc.constantFrom(...ids);
    const anyStep = (id: string) =>
      fc.oneof(
        anyId.map((next) => mail(id, next)),
        fc
          .tuple(fc.array(anyId, { minLength: 1, maxLength: 3 }), anyId)
          .map(([ways, other]) => branch(id, ways, other)),
        fc.constant(end(id)),
      );
    fc.assert(
      fc.property(fc.tuple(...ids.map(anyStep)), (steps) => {
        const shown: { id: string; number: number }[] = [];
        const gotos: string[] = [];
        const walk = (items: readonly FlowItem[]) => {
          for (const item of items) {
            if (item.kind === "goto") gotos.push(item.stepId);
            else {
              shown.push({ id: item.step.id, number: item.number });
              for (const way of item.ways) walk(way.items);
            }
          }
        };
        walk(flowOf({ start: "s0", steps }));
        const reached = new Set(["s0"]);
        for (const id of reached) {
          const step = steps.find((each) => each.id === id);
          for (const { next } of step === undefined ? [] : exitsOf(step)) reached.add(next);
        }
        expect(shown.map(({ number }) => number)).toEqual(shown.map((_, at) => at + 1));
        expect(new Set(shown.map(({ id }) => id)).size).toBe(shown.length);
        expect(new Set(shown.map(({ id }) => id))).toEqual(reached);
        for (const id of gotos) expect(reached).toContain(id);
      }),
    );
  });
});
