import { isDeepStrictEqual } from "node:util";
import { storedAttribute, storedMoment } from "./attributes.ts";
import { preferenceTraits } from "./channel.ts";
import { type Condition, conditionsOf, type Rule } from "./rule.ts";

/** What must be known to judge a rule, and so what may change its answer. */
export interface Dependencies {
  /** Paths into the contact's item: `lastOrderAt`, `fields.country`. */
  readonly profile: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
  /** How far back events must be read, in days; undefined when all of them are needed. */
  readonly eventDays: number | undefined;
  readonly consent: boolean;
  /** Whether the answer hangs on the suppression of the contact's address. */
  readonly suppression: boolean;
  readonly segments: ReadonlySet<string>;
  /** Whether the answer hangs on the cut points of all customers. */
  readonly ranks: boolean;
  /** Whether the answer hangs on the customer model. */
  readonly model: boolean;
  /** Whether time alone may change the answer. */
  readonly time: boolean;
}

export function dependenciesOf(rule: Rule): Dependencies {
  const conditions = conditionsOf(rule);
  const events = conditions.filter((each) => each.type === "event");
  const isBounded = events.every(({ measure, withinDays }) => withinDays !== undefined && !isEnd(measure));
  return {
    profile: new Set(conditions.flatMap(profilePaths)),
    // An order that was cancelled in full is none.
    events: new Set(events.flatMap(({ name }) => (name === "Order Completed" ? [name, "Order Cancelled"] : [name]))),
    eventDays: isBounded ? Math.max(0, ...events.map(({ withinDays = 0 }) => withinDays)) : undefined,
    consent: conditions.some(({ type }) => type === "consent"),
    suppression: conditions.some(({ type }) => type === "channel" || type === "suppressed"),
    segments: new Set(conditions.flatMap((each) => (each.type === "segment" ? [each.segmentId] : []))),
    ranks: conditions.some(({ type }) => type === "rfm" || type === "valueTier"),
    model: conditions.some(({ type }) => type === "prediction"),
    time: conditions.some(changesWithTime),
  };
}

function changesWithTime(condition: Condition): boolean {
  if (condition.type === "rfm") return condition.recency !== undefined;
  return ["elapsed", "overdue", "prediction", "consent", "event"].includes(condition.type);
}

/** The first and the last event of all are not known from those of a window. */
function isEnd(measure: string): boolean {
  return measure === "first" || measure === "last";
}

function profilePaths(condition: Condition): readonly string[] {
  switch (condition.type) {
    case "attribute":
      return [storedAttribute(condition.attribute)];
    case "elapsed":
      return [storedMoment(condition.since)];
    case "overdue":
      return ["customerAt", "lastOrderAt", "orders"];
    case "prediction":
      return ["purchases"];
    case "rfm":
      return ["lastOrderAt", "orders", ...(condition.currency === undefined ? [] : [`revenue.${condition.currency}`])];
    case "valueTier":
      return [`revenue.${condition.currency}`];
    case "consent":
    case "suppressed":
      // Both are the address's: which one that is stands in the profile.
      return ["email"];
    case "channel":
      return ["email", "fields.phone", ...preferenceTraits.map((trait) => `traits.${trait}`)];
    default:
      return [];
  }
}

type Image = Readonly<Record<string, unknown>>;

/** Whether a change of a contact's item can change the answer. */
export function concernsChange({ profile }: Dependencies, before: Image, after: Image): boolean {
  return [...profile].some((path) => !isDeepStrictEqual(valueAt(before, path), valueAt(after, path)));
}

function valueAt(image: Image, path: string): unknown {
  const at = path.indexOf(".");
  if (at === -1) return image[path];
  const group = image[path.slice(0, at)];
  return typeof group === "object" && group !== null ? Reflect.get(group, path.slice(at + 1)) : undefined;
}

/**
 * The circle that a segment's rule would close, as the ids on its way: `["a", "b", "a"]`; undefined when there is none.
 *
 * @param rules of all segments, the new one among them
 */
export function circleThrough(id: string, rules: ReadonlyMap<string, Rule>): readonly string[] | undefined {
  const seen = new Set<string>();
  function search(from: string, way: readonly string[]): readonly string[] | undefined {
    const rule = rules.get(from);
    if (rule === undefined) return undefined;
    for (const next of dependenciesOf(rule).segments) {
      if (next === id) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const circle = search(next, [...way, next]);
      if (circle !== undefined) return circle;
    }
    return undefined;
  }
  return search(id, [id]);
}
