import type { Violation } from "../errors.ts";
import type { Page } from "../intake/intake.ts";
import { readField, readTick } from "./field-value.ts";
import type { Form } from "./form.ts";

/** What was posted: names and raw values, from JSON or from an HTML form alike. */
export type Entries = ReadonlyMap<string, unknown>;

/** Names of what the hosted page sends beside a form's own fields. */
export const ownNames = {
  /** One per shown page: the same page posted twice is one submission. */
  nonce: "_nonce",
  /** When the page was shown, in milliseconds since the epoch. */
  startedAt: "_at",
  /** People do not see it; programs fill it in. */
  trap: "_website",
  url: "_url",
  referrer: "_referrer",
} as const;

/** Campaign parameters and where they are kept. */
export const campaignNames = {
  utm_source: "utmSource",
  utm_medium: "utmMedium",
  utm_campaign: "utmCampaign",
  utm_term: "utmTerm",
  utm_content: "utmContent",
} as const satisfies Record<string, keyof Page>;

/** A post that fits its form. */
export interface Submission {
  readonly fields: { readonly email: string } & Readonly<Record<string, string>>;
  readonly marketing: boolean;
  readonly nonce: string | undefined;
  readonly startedAt: number | undefined;
}

/** Whether a program filled in what people do not see. */
export function isTrapped(entries: Entries): boolean {
  const bait = entries.get(ownNames.trap);
  return bait !== undefined && bait !== null && String(bait) !== "";
}

/** Reads a post by its form's definition: the submission, or everything that is wrong with it. */
export function readSubmission(form: Form, entries: Entries): Submission | readonly Violation[] {
  const fields: Record<string, string> = {};
  const violations: Violation[] = unknownNames(form, entries);
  for (const field of form.fields) {
    const reading = readField(field, entries.get(field.name));
    if ("value" in reading) fields[field.name] = reading.value;
    else if ("code" in reading)
      violations.push(violation(field.name, reading.code, `${field.label}: ${reading.message}`));
    else if (field.required) violations.push(violation(field.name, "missing", `${field.label}: is missing`));
  }
  const marketing = readTick(entries.get("marketing"));
  if (marketing === undefined)
    violations.push(violation("marketing", "invalid_type", "is neither ticked nor left empty"));
  const { email } = fields;
  if (violations.length > 0 || email === undefined || marketing === undefined) return violations;
  const startedAt = Number(textOf(entries.get(ownNames.startedAt)) ?? Number.NaN);
  return {
    fields: { ...fields, email },
    marketing,
    nonce: nonceOf(entries),
    startedAt: Number.isFinite(startedAt) ? startedAt : undefined,
  };
}

/** How many seconds too early a post came; 0 for one in good time. A clock that runs ahead is nobody's fault. */
export function secondsTooFast(form: Form, { startedAt }: Submission, now: Date): number {
  if (startedAt === undefined) return 0;
  const elapsed = (now.getTime() - startedAt) / 1000;
  return elapsed < 0 ? 0 : Math.max(0, form.minimumFillSeconds - elapsed);
}

function nonceOf(entries: Entries): string | undefined {
  const nonce = textOf(entries.get(ownNames.nonce));
  return nonce !== undefined && /^[\w-]{16,100}$/.test(nonce) ? nonce : undefined;
}

function unknownNames(form: Form, entries: Entries): Violation[] {
  const known = new Set<string>([...form.fields.map(({ name }) => name), ...Object.values(ownNames)]);
  if (form.marketing !== undefined) known.add("marketing");
  return [...entries.keys()]
    .filter((name) => !known.has(name) && !name.startsWith("utm_"))
    .map((name) =>
      violation(name, "unknown_field", `this form has no field named "${name.slice(0, 60).toWellFormed()}"`),
    );
}

function textOf(raw: unknown): string | undefined {
  return typeof raw === "string" || typeof raw === "number" ? String(raw) : undefined;
}

/** A violation of one posted name. */
export function violation(name: string, code: string, message: string): Violation {
  const step = name.slice(0, 100).toWellFormed().replaceAll("~", "~0").replaceAll("/", "~1");
  return { pointer: `/${step}`, code, message };
}
