import { waysWords } from "../../shared/journeys/describe.ts";
import { exitsOf } from "../../shared/journeys/exits.ts";
import type { Step } from "../../shared/journeys/step.ts";

/** A step in its place, with the ways out of it that are drawn under it. */
export interface StepItem {
  readonly kind: "step";
  readonly step: Step;
  /** Counted in the order of reading, from 1. */
  readonly number: number;
  readonly ways: readonly { readonly label: string; readonly items: readonly FlowItem[] }[];
}

/** A way that goes on at a step that is drawn elsewhere. */
export interface GoTo {
  readonly kind: "goto";
  readonly stepId: string;
}

export type FlowItem = StepItem | GoTo;

interface Drawing {
  readonly start: string;
  readonly steps: readonly Step[];
}

/**
 * The steps of a journey in the order of reading: one below the other, ways that part side by side under the step where
 * they do, and after them what they have in common. Each step stands once; other ways to it say where they go on.
 */
export function flowOf({ start, steps }: Drawing): readonly FlowItem[] {
  const placed = new Set<string>();
  const exits = new Map(steps.map((step) => [step.id, exitsOf(step).map(({ next }) => next)]));

  /** @param meeting where this way meets others: it is drawn below them all, as are the `reserved` further out */
  function draw(from: string, meeting: string | undefined, reserved: ReadonlySet<string>): FlowItem[] {
    const items: FlowItem[] = [];
    let id: string | undefined = from;
    while (id !== undefined && id !== meeting) {
      const step = steps.find((candidate) => candidate.id === id);
      if (step === undefined || placed.has(id) || reserved.has(id)) return [...items, { kind: "goto", stepId: id }];
      placed.add(id);
      const number = placed.size;
      const ways: readonly string[] = exits.get(id) ?? [];
      const parts = ways.length > 1;
      const outside: ReadonlySet<string> = new Set([...reserved, ...(meeting === undefined ? [] : [meeting])]);
      const join: string | undefined = parts ? meetingOf(ways, exits, new Set([...placed, ...outside])) : undefined;
      const labels = waysWords(step);
      const drawWay = (way: string) => (join === undefined ? draw(way, meeting, reserved) : draw(way, join, outside));
      items.push({
        kind: "step",
        step,
        number,
        ways: parts ? ways.map((way, at) => ({ label: labels[at] ?? "", items: drawWay(way) })) : [],
      });
      id = parts ? join : ways[0];
    }
    return items;
  }

  return draw(start, undefined, new Set());
}

/** The first step that all ways lead to without passing what is drawn elsewhere. */
function meetingOf(
  ways: readonly string[],
  exits: ReadonlyMap<string, readonly string[]>,
  elsewhere: ReadonlySet<string>,
): string | undefined {
  const [first = [], ...others] = ways.map((way) => reachedFrom(way, exits, elsewhere));
  return first.find((id) => others.every((reached) => reached.includes(id)));
}

function reachedFrom(
  way: string,
  exits: ReadonlyMap<string, readonly string[]>,
  elsewhere: ReadonlySet<string>,
): readonly string[] {
  const reached: string[] = [];
  const open = [way];
  for (let id = open.shift(); id !== undefined; id = open.shift()) {
    if (reached.includes(id) || elsewhere.has(id)) continue;
    reached.push(id);
    open.push(...(exits.get(id) ?? []));
  }
  return reached;
}
