import { parseEmailAddress } from "../contacts/email-address.ts";
import type { Field } from "./form.ts";

/** A field's value as it is kept, or what is wrong with it. An empty field is neither. */
export type Reading =
  | { readonly value: string }
  | { readonly code: string; readonly message: string }
  | { readonly empty: true };

const ticked = ["on", "yes", "true", "1"];
const unticked = ["off", "no", "false", "0", ""];

/** Whether a box was ticked, as JSON (`true`) or as HTML (`on`, or the box's own value) says it; undefined for neither. */
export function readTick(raw: unknown): boolean | undefined {
  if (typeof raw === "boolean") return raw;
  if (raw === undefined || raw === null) return false;
  if (typeof raw !== "string" && typeof raw !== "number") return undefined;
  const text = String(raw).trim().toLowerCase();
  return ticked.includes(text) || (unticked.includes(text) ? false : undefined);
}

/** Reads what was sent for a field: text is trimmed, line ends become `\n`, tabs become spaces. */
export function readField(field: Field, raw: unknown): Reading {
  if (field.type === "checkbox") return readCheckbox(raw);
  if (raw === undefined || raw === null) return { empty: true };
  if (typeof raw !== "string" && typeof raw !== "number") return bad("invalid_type", "is not text");
  const value = String(raw).replaceAll(/\r\n?/g, "\n").replaceAll("\t", " ").trim();
  if (value === "") return { empty: true };
  if (!value.isWellFormed()) return bad("invalid_characters", "has half of a character");
  const forbidden = field.type === "textarea" ? /[^\P{Cc}\n]/u : /[\p{Cc}\p{Zl}\p{Zp}]/u;
  if (forbidden.test(value)) return bad("invalid_characters", "has control characters or line breaks");
  const longest = field.maxLength ?? (field.type === "textarea" ? 5_000 : 200);
  // A URL or an address has its own bound, and an emoji counts as one character here, as it does to a person.
  if ([...value].length > longest) return bad("too_long", `is longer than ${longest} characters`);
  return readers[field.type](value.normalize("NFC"), field);
}

function readCheckbox(raw: unknown): Reading {
  const tick = readTick(raw);
  if (tick === undefined) return bad("invalid_type", "is neither ticked nor left empty");
  return tick ? { value: "yes" } : { empty: true };
}

type Reader = (value: string, field: Field) => Reading;

const asItIs: Reader = (value) => ({ value });

const readers: Readonly<Record<Exclude<Field["type"], "checkbox">, Reader>> = {
  text: asItIs,
  textarea: asItIs,
  hidden: asItIs,
  email(value) {
    const parsed = parseEmailAddress(value);
    return parsed ? { value: parsed.address } : bad("invalid_email", "is not an e-mail address");
  },
  tel(value) {
    const digits = value.replaceAll(/\D/g, "").length;
    const isPhone = /^[+(\d][\d ()./-]*( ?(x|ext\.?) ?\d+)?$/i.test(value) && digits >= 4 && digits <= 20;
    return isPhone ? { value } : bad("invalid_phone", "is not a telephone number");
  },
  select(value, { options = [] }) {
    return options.includes(value)
      ? { value }
      : bad("invalid_option", `is not one of: ${options.slice(0, 20).join(", ")}`);
  },
  number(value) {
    return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i.test(value)
      ? { value }
      : bad("invalid_number", "is not a number");
  },
  date(value) {
    return isDate(value) ? { value } : bad("invalid_date", "is not a date such as 2026-05-31");
  },
  url(value) {
    const isWeb = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
    return isWeb ? { value } : bad("invalid_url", "is not a web address such as https://www.example.com");
  },
};

function isDate(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const instant = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(value);
}

function bad(code: string, message: string): Reading {
  return { code, message };
}
