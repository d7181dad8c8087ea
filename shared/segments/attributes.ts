import { contactFields } from "../contacts/profile-schema.ts";
import { stagesIn } from "../funnel/lifecycle.ts";
import type { SegmentContact } from "./facts.ts";

const plainAttributes = [
  "email",
  "emailDomain",
  "tags",
  "lead",
  "customer",
  "leadForm",
  "leadSource",
  "orders",
  "opens",
  "clicks",
  "openCarts",
  "stage",
] as const;
type PlainAttribute = (typeof plainAttributes)[number];

const pattern = new RegExp(
  `^(?:${plainAttributes.join("|")}|fields\\.(?:${contactFields.join("|")})|traits\\.[^\\p{Cc}]{1,100}|revenue\\.[A-Z]{3})$`,
  "u",
);

export function isAttribute(name: string): boolean {
  return pattern.test(name);
}

/** What an attribute may be, for an error message. */
export const attributeHelp = `use one of ${plainAttributes.join(", ")}, fields.<${contactFields.join("|")}>, traits.<name>, revenue.<currency>`;

const readers: Readonly<Record<PlainAttribute, (contact: SegmentContact) => unknown>> = {
  email: ({ email }) => email?.value,
  emailDomain: ({ email }) => email?.value.split("@").at(-1)?.toLowerCase(),
  tags: ({ tags }) => tags,
  lead: ({ leadAt }) => leadAt !== undefined,
  customer: ({ customerAt }) => customerAt !== undefined,
  leadForm: ({ leadForm }) => leadForm,
  leadSource: ({ leadSource }) => leadSource,
  orders: ({ orders }) => orders,
  opens: ({ engagement }) => engagement.opens,
  clicks: ({ engagement }) => engagement.clicks,
  openCarts: ({ carts }) => Object.keys(carts).length,
  stage: ({ lifecycle }) => stagesIn(lifecycle).at(-1)?.stage,
};

/** The values of an attribute: none when the contact has none, several for tags. */
export function attributeValues(contact: SegmentContact, attribute: string): readonly unknown[] {
  const value = isPlain(attribute) ? readers[attribute](contact) : keyedValue(contact, attribute);
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isPlain(attribute: string): attribute is PlainAttribute {
  return plainAttributes.some((name) => name === attribute);
}

function keyedValue({ fields, traits, revenue }: SegmentContact, attribute: string): unknown {
  const at = attribute.indexOf(".");
  const [group, name] = [attribute.slice(0, at), attribute.slice(at + 1)];
  if (group === "revenue") return revenue[name] ?? 0;
  const from: Readonly<Record<string, { readonly value: unknown }>> = group === "fields" ? fields : traits;
  return Object.hasOwn(from, name) ? from[name]?.value : undefined;
}

const stored: Readonly<Record<PlainAttribute, string>> = {
  email: "email",
  emailDomain: "email",
  tags: "tags",
  lead: "leadAt",
  customer: "customerAt",
  leadForm: "leadForm",
  leadSource: "leadSource",
  orders: "orders",
  opens: "engagement.opens",
  clicks: "engagement.clicks",
  openCarts: "carts",
  stage: "lifecycle",
};

/** Where in a contact's item an attribute stands. */
export function storedAttribute(attribute: string): string {
  return isPlain(attribute) ? stored[attribute] : attribute;
}

/** Instants in a contact's life that days are counted from. */
export const moments = [
  "lastOrder",
  "firstOrder",
  "lead",
  "lastActivity",
  "lastOpen",
  "lastClick",
  "lastCart",
  "created",
] as const;
export type Moment = (typeof moments)[number];

const momentReaders: Readonly<Record<Moment, (contact: SegmentContact) => string | undefined>> = {
  lastOrder: ({ lastOrderAt }) => lastOrderAt,
  firstOrder: ({ customerAt }) => customerAt,
  lead: ({ leadAt }) => leadAt,
  lastActivity: ({ lastActivityAt }) => lastActivityAt,
  lastOpen: ({ engagement }) => engagement.lastOpenAt,
  lastClick: ({ engagement }) => engagement.lastClickAt,
  lastCart: ({ carts }) =>
    Object.values(carts)
      .map(({ at }) => at)
      .sort()
      .at(-1),
  created: ({ createdAt }) => createdAt,
};

/** The instant of a moment in milliseconds, or undefined when it has not come. */
export function momentOf(contact: SegmentContact, moment: Moment): number | undefined {
  const at = momentReaders[moment](contact);
  return at === undefined ? undefined : Date.parse(at);
}

const storedMoments: Readonly<Record<Moment, string>> = {
  lastOrder: "lastOrderAt",
  firstOrder: "customerAt",
  lead: "leadAt",
  lastActivity: "lastActivityAt",
  lastOpen: "engagement.lastOpenAt",
  lastClick: "engagement.lastClickAt",
  lastCart: "carts",
  created: "createdAt",
};

/** Where in a contact's item a moment stands. */
export function storedMoment(moment: Moment): string {
  return storedMoments[moment];
}
