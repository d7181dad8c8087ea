import type { Answer } from "../api.ts";
import { day } from "../words.ts";

/** An action as the list shows it. */
export type Action = Answer<"/v1/actions">["items"][number];

/** The states, as they are chosen. */
export const states: readonly (readonly [state: Action["state"], words: string])[] = [
  ["open", "To do"],
  ["done", "Done"],
  ["dropped", "Dropped"],
];

const oneDay = 86_400_000;

/** How late an open action is; nothing while it is not. */
export function lateWords({ state, dueOn }: Pick<Action, "state" | "dueOn">, today: string): string | undefined {
  if (state !== "open" || dueOn >= today) return undefined;
  const days = Math.round((Date.parse(today) - Date.parse(dueOn)) / oneDay);
  return days === 1 ? "since yesterday" : `${days} days late`;
}

/** Due days that an action was moved from after they had passed. */
export function missedWords({ missedOn }: Pick<Action, "missedOn">): string | undefined {
  return missedOn.length === 0 ? undefined : `was due on ${missedOn.map(day).join(", ")}`;
}

/** What an action comes from, and where that is told of. */
export function originWords({ origin }: Pick<Action, "origin">): { readonly words: string; readonly place?: string } {
  if (origin.kind === "theme") return { words: `Theme “${origin.theme}”` };
  return { words: "Review", place: `/reviews/${origin.review}` };
}
