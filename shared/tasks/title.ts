import * as z from "zod/mini";
import { valueAt } from "../journeys/condition.ts";

const place = /\{\{\s*([\w.-]+)\s*\}\}/g;

/** A title with places such as `{{ contact.fields.firstName }}` and `{{ event.total }}`. */
export const titleSchema = z.string().check(
  z.minLength(1),
  z.maxLength(200),
  z.regex(/^[^\r\n]+$/, "one line"),
  z.refine(
    (title) => pathsIn(title).every((path) => /^(contact|event)\./.test(path)),
    "names contact.… or event.… only",
  ),
  z.refine((title) => !/\{\{|\}\}/.test(title.replaceAll(place, "")), "has a place that is not {{ path }}"),
);

function pathsIn(title: string): readonly string[] {
  return [...title.matchAll(place)].map(([, path = ""]) => path);
}

/** The title with its values; a value that is not there leaves nothing behind. */
export function filledTitle(title: string, facts: Readonly<Record<"contact" | "event", unknown>>): string {
  const filled = title.replaceAll(place, (_, path: string) => {
    const value = valueAt(path, { ...facts });
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  });
  return filled.replaceAll(/\s+/g, " ").trim().slice(0, 300);
}
