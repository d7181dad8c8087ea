import type { Event } from "../events/event.ts";
import { digestOf } from "../table/hash.ts";
import { valueAt } from "./condition.ts";

/** The entry key of a journey that a contact enters for no thing in particular. */
export const noEntryKey = "once";

/** What an event is about: its value at the first of the paths that it has. It goes into keys, so odd ones are hashed. */
export function entryKeyOf(paths: readonly string[], { properties }: Pick<Event, "properties">): string | undefined {
  return keysOf(paths, { properties })[0];
}

/** Every value that an event carries at the paths. */
export function keysOf(paths: readonly string[], { properties }: Pick<Event, "properties">): readonly string[] {
  return paths.flatMap((path) => {
    const value = valueAt(path, { properties });
    if (typeof value !== "string" && typeof value !== "number") return [];
    const text = String(value);
    if (text === "") return [];
    return [/^[\w-]{1,60}$/.test(text) ? text : digestOf([text])];
  });
}
