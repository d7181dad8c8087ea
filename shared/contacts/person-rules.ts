import * as z from "zod/mini";
import type { Event } from "../events/event.ts";
import { withAddress } from "./address-rules.ts";
import { contactFields, type Profile, traitValueSchema } from "./profile-schema.ts";
import { activityOf, standing } from "./profile-values.ts";

/** A longer value is cut, so that a profile stays within one write unit. */
const longestValue = 120;

/** What an `Identified` or a `Contact Updated` says. */
const personSchema = z.object({
  email: z.optional(z.string()),
  /** The person's id at the source: the address is the one of that account. */
  userId: z.optional(z.string()),
  browser: z.optional(z.literal(true)),
  fields: z._default(z.record(z.string(), z.string()), {}),
  traits: z._default(z.record(z.string(), traitValueSchema), {}),
});

export function afterIdentifying(profile: Profile, event: Event): Partial<Profile> {
  const { email, userId, browser, fields, traits } = personSchema.parse(event.properties);
  const at = event.occurredAt;
  const firm = browser ? undefined : true;
  return {
    ...withAddress(
      profile,
      email === undefined ? undefined : { value: email, at, firm: userId === undefined ? undefined : firm },
    ),
    fields: filled(profile.fields, fields, { at, firm }),
    traits: withTraits(profile.traits, traits, { at, firm }),
    lastActivityAt: event.name === "Identified" ? activityOf(profile, event) : profile.lastActivityAt,
  };
}

/** Any other event that names its person by address: it says that there is such a person. */
export function afterBeingSeen(profile: Profile, event: Event): Partial<Profile> {
  const email = event.properties.email;
  return {
    ...withAddress(profile, typeof email === "string" ? { value: email, at: event.occurredAt } : undefined),
    lastActivityAt: activityOf(profile, event),
  };
}

/** A contact's fields after values were given for some. */
export function filled(
  held: Profile["fields"],
  given: Readonly<Record<string, string>>,
  told: { readonly at: string; readonly firm?: true | undefined },
): Profile["fields"] {
  const fields = { ...held };
  for (const field of contactFields) {
    const value = [...(given[field]?.trim() ?? "")].slice(0, longestValue).join("");
    if (value !== "") fields[field] = standing(held[field], { value, ...told });
  }
  return fields;
}

const mostTraits = 50;
const mostTags = 50;

function withTraits(
  held: Profile["traits"],
  given: z.infer<typeof personSchema>["traits"],
  told: { readonly at: string; readonly firm?: true | undefined },
): Profile["traits"] {
  const traits = { ...held };
  for (const [name, value] of Object.entries(given)) {
    const short = typeof value === "string" ? [...value].slice(0, longestValue).join("") : value;
    traits[name] = standing(held[name], { value: short, ...told });
  }
  return firstByName(traits, mostTraits);
}

const tagSchema = z.object({ tag: z.string().check(z.minLength(1), z.maxLength(60)) });

/** A tag that is put on or taken off; the last word counts, and taking off at the same instant. */
export function afterTagging(profile: Profile, { name, occurredAt, properties }: Event): Partial<Profile> {
  const { tag } = tagSchema.parse(properties);
  const given = `${occurredAt} ${name === "Tag Added" ? "on" : "zz"}`;
  const held = profile.tagMarks[tag];
  const tagMarks = firstByName(
    { ...profile.tagMarks, [tag]: held !== undefined && held > given ? held : given },
    mostTags,
  );
  const tags = Object.keys(tagMarks).filter((name) => tagMarks[name]?.endsWith(" on"));
  return { tagMarks, tags: tags.sort() };
}

/** Which names are kept depends on the names alone, so that it is the same in any order of events. */
function firstByName<Value>(all: Readonly<Record<string, Value>>, most: number): Record<string, Value> {
  const names = Object.keys(all);
  if (names.length <= most) return { ...all };
  const kept = new Set(names.sort().slice(0, most));
  return Object.fromEntries(Object.entries(all).filter(([name]) => kept.has(name)));
}
