import type { Violation } from "../errors.ts";
import type { Kpi } from "../kpis/kpi.ts";
import { type Target, type TargetPlace, targetFaults, targetInputSchema, withGoalFrom } from "../kpis/target.ts";
import { firstDayOf, type Review, type TargetChange } from "./review.ts";

/** The target that a change names; undefined where it names half a group. */
export function placeOf({ kpi, period, by, group }: TargetChange): TargetPlace | undefined {
  if (by === undefined && group === undefined) return { kpi, period };
  return by === undefined || group === undefined ? undefined : { kpi, period, slice: { by, group } };
}

interface Setting {
  readonly review: Review;
  readonly kpi: Kpi;
  readonly place: TargetPlace;
  /** The newest version, the one that took the target back included. */
  readonly current: Target | undefined;
  readonly stamp: Pick<Target, "updatedAt" | "updatedBy">;
}

/**
 * A target's version after a change at closing: what held before the change's first day stays.
 *
 * @returns or what is wrong, with pointers into the change
 */
export function changedTarget(
  change: TargetChange,
  { review, kpi, place, current, stamp }: Setting,
): Target | readonly Violation[] {
  const { target, owner, note } = change;
  const standing = current?.ended === undefined ? current : undefined;
  if (standing === undefined && owner === undefined)
    return [fault("/owner", `name who owns it: ${kpi.id} has no such target by ${place.period} yet`)];
  const goals = standing === undefined ? newGoals(change) : withGoalFrom(standing, firstDayOf(change, review), target);
  const input = targetInputSchema.safeParse({
    ...goals,
    owner: owner ?? standing?.owner,
    ...definedOf({ note: note ?? standing?.note, benchmark: standing?.benchmark }),
  });
  if (!input.success) return [fault("/from", "the target has 60 steps already; set it anew by PUT /v1/targets")];
  const faults = targetFaults(kpi, place, input.data);
  if (faults.length > 0) return faults.map(({ pointer, message }) => fault(pointerInChange(pointer), message));
  const { kpi: id, period, slice } = place;
  const version = (current?.version ?? 0) + 1;
  return { ...input.data, kpi: id, period, ...(slice !== undefined && { slice }), version, ...stamp };
}

/** A new target holds for every period, as any other does; a first day that is named has to be one all the same. */
function newGoals({ target, from }: TargetChange) {
  return from === undefined ? { target } : { target, ramp: [{ from, target }] };
}

function definedOf<Values extends object>(values: Values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function pointerInChange(pointer: string): string {
  if (pointer === "/query/by") return "/by";
  return pointer.endsWith("/from") ? "/from" : "/target";
}

function fault(pointer: string, message: string): Violation {
  return { pointer, message, code: "invalid_value" };
}
