import { exitsOf } from "./exits.ts";
import type { Step } from "./step.ts";

/** Something that is wrong with a definition, and where. */
export interface DefinitionViolation {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

interface Drawn {
  readonly start: string;
  readonly steps: readonly Step[];
  readonly activity: readonly unknown[];
}

/** What a definition's shape alone does not tell: whether its steps make a way that ends. */
export function violationsOf(definition: Drawn): readonly DefinitionViolation[] {
  const broken = [...duplicates(definition), ...dangling(definition), ...percentages(definition)];
  return broken.length > 0 ? broken : [...unreachable(definition), ...endlessLoops(definition)];
}

function duplicates({ steps }: Drawn): DefinitionViolation[] {
  return steps.flatMap(({ id }, at) =>
    steps.findIndex((other) => other.id === id) < at
      ? [{ path: ["steps", at, "id"], message: `is the id of an earlier step too: ${id}` }]
      : [],
  );
}

function dangling({ start, steps }: Drawn): DefinitionViolation[] {
  const known = new Set(steps.map(({ id }) => id));
  const starts = known.has(start) ? [] : [{ path: ["start"], message: `there is no step ${start}` }];
  const leads = steps.flatMap((step, at) =>
    exitsOf(step)
      .filter(({ next }) => !known.has(next))
      .map(({ pointer, next }) => ({
        path: ["steps", at, ...pointer.slice(1).split("/")],
        message: `there is no step ${next}`,
      })),
  );
  return [...starts, ...leads];
}

function percentages({ steps, activity }: Drawn): DefinitionViolation[] {
  return steps.flatMap((step, at) => {
    if (step.type === "wait" && step.since === "activity" && activity.length === 0) {
      return [{ path: ["steps", at, "since"], message: "the journey names no events of `activity` to wait since" }];
    }
    if (step.type !== "split") return [];
    const sum = step.variants.reduce((total, { percent }) => total + percent, 0);
    const names = new Set(step.variants.map(({ id }) => id));
    return [
      ...(Math.abs(sum - 100) > 1e-9
        ? [{ path: ["steps", at, "variants"], message: `the percentages add up to ${sum}, not to 100` }]
        : []),
      ...(names.size < step.variants.length
        ? [{ path: ["steps", at, "variants"], message: "two variants have the same id" }]
        : []),
    ];
  });
}

function unreachable({ start, steps }: Drawn): DefinitionViolation[] {
  const reached = reachableFrom(start, steps);
  return steps.flatMap(({ id }, at) =>
    reached.has(id) ? [] : [{ path: ["steps", at], message: `no way leads to the step ${id}` }],
  );
}

function reachableFrom(start: string, steps: readonly Step[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    const step = steps.find((candidate) => candidate.id === id);
    if (step !== undefined) open.push(...exitsOf(step).map(({ next }) => next));
  }
  return reached;
}

/** A loop must hold a wait that surely takes time, else a run would never come to rest. */
function endlessLoops({ steps }: Drawn): DefinitionViolation[] {
  const hasty = steps.filter((step) => !takesTime(step));
  return steps.flatMap((step, at) => {
    if (takesTime(step)) return [];
    const after = new Set(exitsOf(step).flatMap(({ next }) => [...reachableFrom(next, hasty)]));
    return after.has(step.id)
      ? [{ path: ["steps", at], message: `the step ${step.id} is in a loop without a wait` }]
      : [];
  });
}

function takesTime(step: Step): boolean {
  return step.type === "waitUntil" || (step.type === "wait" && step.since === "step");
}
