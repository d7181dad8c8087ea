import { contactFields } from "../contacts/profile-schema.ts";
import type { Violation } from "../errors.ts";
import { flatten } from "./flat-properties.ts";

/** The spec's names of what we keep as fields of the contact. */
const fieldOf = new Map<string, string>([
  ...contactFields.map((field) => [field, field] as const),
  ["first_name", "firstName"],
  ["last_name", "lastName"],
  ["title", "jobTitle"],
  ["company.name", "company"],
  ["address.city", "city"],
  ["address.country", "country"],
]);

/** Attributes of one contact are many; of one call, more than these are somebody's mistake. */
const mostTraits = 50;

/** The contact's fields and custom attributes that the traits of an `identify` name. */
export function personFrom(
  traits: Readonly<Record<string, unknown>>,
): { readonly fields: Record<string, string>; readonly traits: Record<string, unknown> } | readonly Violation[] {
  const { email: _, ...others } = traits;
  const flattened = flatten(others, "/traits");
  if (!("kept" in flattened)) return flattened;
  const fields: Record<string, string> = {};
  const rest: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(flattened.kept)) {
    const field = fieldOf.get(name);
    if (field !== undefined && typeof value === "string") fields[field] = value;
    // A list has no latest value of its own: it is kept as the words it is made of.
    else rest[name] = typeof value === "object" ? value.join(", ") : value;
  }
  if (Object.keys(rest).length <= mostTraits) return { fields, traits: rest };
  const message = `has more than ${mostTraits} attributes`;
  return [{ pointer: "/traits", code: "too_many", message }];
}
