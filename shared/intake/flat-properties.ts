import type { Violation } from "../errors.ts";

export type FlatValue = string | number | boolean | readonly (string | number | boolean)[];

const mostBytes = 8_192;
const longestText = 1_000;
const longestName = 100;
const mostValues = 50;

/**
 * Properties of a custom event as we keep them: flat. Nested members get names with full stops (`size.width`,
 * `products.0.name`), lists of plain values stay lists, nulls are left out, long texts are cut.
 *
 * @param place leads the pointers of violations: `/properties`, `/traits`.
 * @returns everything that is wrong with them instead, when they are too large or a name is no name.
 */
export function flatten(
  properties: Readonly<Record<string, unknown>>,
  place: string,
): { readonly kept: Readonly<Record<string, FlatValue>> } | readonly Violation[] {
  const flat = new Map<string, FlatValue>();
  collect(properties, "", flat);
  const odd = [...flat.keys()].find(
    (name) => name.length > longestName || /\p{Cc}/u.test(name) || !name.isWellFormed(),
  );
  if (odd !== undefined) {
    const message = `a name is longer than ${longestName} characters or holds control characters`;
    return [{ pointer: place, code: "invalid_name", message }];
  }
  const all = Object.fromEntries(flat);
  const bytes = Buffer.byteLength(JSON.stringify(all));
  if (bytes <= mostBytes) return { kept: all };
  return [{ pointer: place, code: "too_large", message: `has ${bytes} bytes; at most ${mostBytes} are kept` }];
}

function collect(value: object, prefix: string, into: Map<string, FlatValue>): void {
  for (const [name, member] of Object.entries(value)) {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const plain = plainOf(member);
    if (plain !== undefined) into.set(path, plain);
    else if (Array.isArray(member) && member.every((entry) => plainOf(entry) !== undefined)) {
      into.set(
        path,
        member.slice(0, mostValues).flatMap((entry) => plainOf(entry) ?? []),
      );
    } else if (typeof member === "object" && member !== null) collect(member, path, into);
  }
}

function plainOf(value: unknown): string | number | boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return [...value.toWellFormed()].slice(0, longestText).join("");
  if (typeof value !== "number") return undefined;
  // The table's numbers end at 10^125: what lies beyond is no measure of anything, and stays readable as text.
  const size = Math.abs(value);
  return size === 0 || (size > 1e-120 && size < 1e120) ? value : String(value);
}
