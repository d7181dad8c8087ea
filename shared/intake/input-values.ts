import * as z from "zod/mini";

/** One line of readable text. */
export const isLine = (value: string, longest: number) =>
  value.trim() !== "" && value.length <= longest && value.isWellFormed() && !/\p{Cc}/u.test(value);

export const line = (longest: number) =>
  z.string().check(z.refine((value) => isLine(value, longest), `one line of text (${longest} characters at most)`));

const isIdentifier = (value: unknown) => (typeof value === "string" ? isLine(value, 200) : Number.isSafeInteger(value));

/** Shops' own ids: kept as text, since they outgrow what a JSON number holds exactly. */
export const identifier = z.pipe(
  z.custom<string | number>(isIdentifier, "an id as text, or an integer below 2^53"),
  z.transform(String),
);

/** What has no use for us must not refuse an event: it reads as absent. (`z.catch` says so too, and weighs 10 KB.) */
const lenient = (isUseful: (value: unknown) => boolean) =>
  z.pipe(
    z.optional(z.unknown()),
    z.transform((value) => (isUseful(value) ? String(value) : undefined)),
  );
export const label = lenient((value) => typeof value === "string" && isLine(value, 300));
export const looseIdentifier = lenient(isIdentifier);

/** An address on the web. Anything else that a mail might link to reads as absent. */
export const link = lenient(
  (value) => typeof value === "string" && isLine(value, 1_000) && /^https?:$/.test(URL.parse(value)?.protocol ?? ""),
);

export const price = z.nullish(z.union([z.number(), z.string()], "an amount such as 19.99"));
export type Price = z.infer<typeof price>;
