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

type Keyed = Pick<Event, "properties">;

/**
 * Events with the keys that they lack, as others tell them: of a thing that one event names by two keys (a cart and the
 * checkout it became) another may name only one.
 *
 * @param paths where a journey's entry key stands; only an event's own properties are filled in
 */
export function withLinkedKeys<One extends Keyed>(paths: readonly string[], events: readonly One[]): readonly One[] {
  const names = paths.map((path) => path.slice(path.indexOf(".") + 1));
  if (names.length < 2) return events;
  const keys = ({ properties }: Keyed) => names.filter((name) => typeof properties[name] === "string");
  const links = events.filter((event) => keys(event).length > 1);
  return events.map((event) => {
    const own = keys(event);
    const link = links.find(({ properties }) => own.some((name) => properties[name] === event.properties[name]));
    if (link === undefined || own.length === names.length) return event;
    const told = Object.fromEntries(keys(link).map((name) => [name, link.properties[name]]));
    return { ...event, properties: { ...told, ...event.properties } };
  });
}
