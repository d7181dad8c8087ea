/** A time of a sender as ISO 8601 UTC; undefined for what is missing or unreadable. */
export function instantOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const instant = new Date(text);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}

/** A time without a zone that its sender says is UTC. */
export function utcOf(text: string | undefined): string | undefined {
  return text === undefined ? undefined : instantOf(/(?:Z|[+-]\d\d:?\d\d)$/i.test(text) ? text : `${text}Z`);
}

/** Seconds since the epoch. */
export function epochOf(seconds: number | null | undefined): string | undefined {
  return typeof seconds === "number" ? instantOf(new Date(seconds * 1000).toISOString()) : undefined;
}
