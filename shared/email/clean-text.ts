/** C0 and C1 controls except tab and line feed, and the marks that reorder or hide text. */
const unsafe = /(?![\t\n])\p{Cc}|[\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
const longestLine = 200;

/** Text without control characters; line breaks become line feeds. */
export function cleanText(value: string): string {
  return value.replaceAll(/\r\n?/g, "\n").replaceAll(unsafe, "").toWellFormed();
}

/** Text that is safe in a header: one line, no control characters, at most 200 characters. */
export function cleanLine(value: string): string {
  const line = cleanText(value).replaceAll(/\s+/g, " ").trim();
  return line.length <= longestLine ? line : `${line.slice(0, longestLine - 1).toWellFormed()}…`;
}

/** Cleans every text in a template's data, however deep. */
export function cleanData(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanData);
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, cleanData(member)]));
  }
  return value;
}

/**
 * The name to greet with, or "" when there is none that is fit to be printed.
 * A form's name field must not turn our mail into someone else's advertisement, so a "name" with a link is none.
 */
export function greetingName(given: string | undefined): string {
  const name = cleanLine(given ?? "");
  return name.length <= 60 && /\p{L}/u.test(name) && !/[@/\\<>{}]|https?:|www\.|\.\w{2,}(\s|$)/iu.test(name)
    ? name
    : "";
}
