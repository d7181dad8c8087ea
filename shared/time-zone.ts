/** The time zone that a contact's traits name as its own; undefined when they name none, or one that nobody knows. */
export function ownTimeZone(traits: unknown): string | undefined {
  const { timezone, timeZone }: { timezone?: unknown; timeZone?: unknown } = Object(traits);
  const named = timezone ?? timeZone;
  return typeof named === "string" && isTimeZone(named) ? named : undefined;
}

/** Whether a zone is known by its IANA name, such as `Europe/Berlin`. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}
