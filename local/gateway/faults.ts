import * as z from "zod";
import { likePattern } from "./access/wildcard.ts";
import type { ServiceName } from "./call.ts";

export const Fault = z.strictObject({
  kind: z.enum(["throttle", "conflict", "timeoutBefore", "timeoutAfter", "crashBefore", "crashAfter", "error500"]),
  /** Glob over function names. */
  function: z.string().exactOptional(),
  service: z.enum(["dynamodb", "sqs", "ses", "secretsmanager"]).exactOptional(),
  /** Glob: `PutItem`, `Transact*` or `dynamodb:PutItem`. */
  action: z.string().exactOptional(),
  /** Strikes from the nth matching call on (1 is the first), once unless `times` says more. */
  nth: z.int().min(1).exactOptional(),
  /** Strikes this share of the matching calls. */
  rate: z.number().min(0).max(1).exactOptional(),
  /** Makes `rate` repeatable. */
  seed: z.int().exactOptional(),
  /** Strikes at most so often. */
  times: z.int().min(1).exactOptional(),
});

/** One fault to inject. Without `nth` and `rate` it strikes every matching call. */
export type Fault = Readonly<z.infer<typeof Fault>>;
export type FaultKind = Fault["kind"];

/** What the control endpoint accepts. */
export const FaultList = z.array(Fault);

export interface FaultedCall {
  readonly function: string;
  readonly service: ServiceName;
  readonly action: string;
}

export interface AppliedFault extends FaultedCall {
  readonly kind: FaultKind;
  /** Which matching call of this fault it was, 1 is the first. */
  readonly call: number;
}

export interface Faults {
  set(faults: readonly Fault[]): void;
  clear(): void;
  list(): readonly Fault[];
  applied(): readonly AppliedFault[];
  /** function → `service:action` → calls since the faults were set, struck ones included; `*` is their sum. */
  calls(): Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Counts the call and says which fault, the first in the list, strikes it. */
  strike(call: FaultedCall): FaultKind | undefined;
}

/** What an item write or a transaction can meet, and nothing else can. */
const CONFLICTING = /^(PutItem|UpdateItem|DeleteItem|TransactWriteItems|TransactGetItems)$/;

export function createFaults(): Faults {
  let armed: readonly ArmedFault[] = [];
  let applied: AppliedFault[] = [];
  let counts = new Map<string, Map<string, number>>();

  function set(faults: readonly Fault[]): void {
    armed = faults.map(arm);
    applied = [];
    counts = new Map();
  }

  return {
    set,
    clear: () => set([]),
    list: () => armed.map(({ fault }) => fault),
    applied: () => [...applied],
    calls: () => Object.fromEntries([...counts].map(([name, actions]) => [name, Object.fromEntries(actions)])),
    strike(call) {
      count(counts, call);
      const [first] = armed.filter((each) => each.meets(call));
      if (!first) return undefined;
      applied.push({ ...call, kind: first.fault.kind, call: first.strike() });
      return first.fault.kind;
    },
  };
}

interface ArmedFault {
  readonly fault: Fault;
  /** Counts the call if it matches, and says whether the fault is due at it. */
  meets(call: FaultedCall): boolean;
  /** Uses the fault up once. Returns the number of the matching call it struck. */
  strike(): number;
}

function arm(fault: Fault): ArmedFault {
  const matches = matcher(fault);
  const random = mulberry32(fault.seed ?? 1);
  const limit = fault.times ?? (fault.nth === undefined ? Number.POSITIVE_INFINITY : 1);
  let seen = 0;
  let struck = 0;
  return {
    fault,
    meets(call) {
      if (!matches(call)) return false;
      seen += 1;
      const due = seen >= (fault.nth ?? 1) && (fault.rate === undefined || random() < fault.rate);
      return due && struck < limit;
    },
    strike() {
      struck += 1;
      return seen;
    },
  };
}

function matcher(fault: Fault): (call: FaultedCall) => boolean {
  const name = likePattern(fault.function ?? "*");
  const action = likePattern(fault.action ?? "*", "i");
  const qualified = fault.action?.includes(":") ?? false;
  return (call) =>
    name.test(call.function) &&
    (fault.service === undefined || fault.service === call.service) &&
    action.test(qualified ? `${call.service}:${call.action}` : call.action) &&
    (fault.kind !== "conflict" || (call.service === "dynamodb" && CONFLICTING.test(call.action)));
}

function count(counts: Map<string, Map<string, number>>, call: FaultedCall): void {
  const actions = counts.get(call.function) ?? new Map<string, number>();
  counts.set(call.function, actions);
  for (const name of [`${call.service}:${call.action}`, "*"]) actions.set(name, (actions.get(name) ?? 0) + 1);
}

/** A small seeded generator (mulberry32): the same seed strikes the same calls. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
