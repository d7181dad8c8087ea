/**
 * Claims as an HTTP API hands them to a function: every one a string, written as Go prints it.
 * An array is `[a b]`, an object `map[key:value]`.
 */
export function claimsAsStrings(claims: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, print(value)]));
}

function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(" ")}]`;
  if (typeof value === "object" && value !== null) {
    const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${pairs.map(([key, one]) => `${key}:${print(one)}`).join(" ")}]`;
  }
  return value === null ? "<nil>" : String(value);
}
