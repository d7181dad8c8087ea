import type { Answer } from "../api.ts";
import { moment } from "../words.ts";

/** A broadcast as the list shows it. */
export type Broadcast = Answer<"/v1/broadcasts">["items"][number];

const states = {
  draft: "Draft",
  scheduled: "Scheduled",
  sending: "Sending",
  paused: "Paused",
  sent: "Sent",
  cancelled: "Cancelled",
} as const;

/** A broadcast's state in words, and what follows from it or when. */
export function stateWords({ state, startsAt, local, endedAt }: Broadcast): {
  readonly state: string;
  readonly note?: string;
} {
  const words = states[state];
  if (state === "draft") return { state: words, note: "Sends nothing until it is sent or scheduled" };
  if (state === "paused") return { state: words, note: "Sends nothing until it is resumed" };
  if (endedAt !== null) return { state: words, note: moment(endedAt) };
  if (local !== null) return { state: words, note: `For ${local.date}, ${local.time} by each reader’s clock` };
  if (startsAt === null) return { state: words };
  return { state: words, note: `${state === "scheduled" ? "Starts" : "Since"} ${moment(startsAt)}` };
}
