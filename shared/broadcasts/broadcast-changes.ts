import { spanOf } from "../email/local-time.ts";
import { DomainError } from "../errors.ts";
import { type Broadcast, shownState } from "./broadcast.ts";
import { newFanOut } from "./fan-out.ts";

/** When a broadcast is to go out: at one instant, or at a local time of each contact. */
export type Schedule =
  | { readonly at: string }
  | { readonly date: string; readonly time: string; readonly late: "nextDay" | "atOnce" };

/** The broadcast on its way, from an instant on. @throws DomainError invalid_input when it has begun already. */
export function send(broadcast: Broadcast, now: Date): Broadcast {
  requireUnbegun(broadcast, now);
  return begun(broadcast, now);
}

/**
 * The broadcast with its start ahead; one that is scheduled already gets the new start instead.
 *
 * @throws DomainError invalid_input when it has begun, or when the time has passed.
 */
export function schedule(broadcast: Broadcast, wanted: Schedule, now: Date): Broadcast {
  requireUnbegun(broadcast, now);
  if ("at" in wanted) {
    const startsAt = new Date(wanted.at);
    if (startsAt <= now) throw passed("/at", `${wanted.at} has passed`);
    return begun(broadcast, startsAt);
  }
  const { first, last } = spanOf(wanted);
  if (last <= now) throw passed("/date", `${wanted.date} ${wanted.time} has passed everywhere`);
  return { ...begun(broadcast, first > now ? first : now), local: { ...wanted } };
}

/** Nothing more is sent until it is resumed. */
export function pause(broadcast: Broadcast, now: Date): Broadcast {
  if (broadcast.state === "paused") return broadcast;
  if (broadcast.state !== "sending")
    throw refusal(broadcast, now, "only one that is scheduled or sending can be paused");
  return { ...broadcast, state: "paused" };
}

/** The walk goes on where it stood; messages from before the pause do nothing. */
export function resume(broadcast: Broadcast, now: Date): Broadcast {
  const { fanOut, state } = broadcast;
  if (state === "sending") return broadcast;
  if (state !== "paused" || fanOut === undefined) throw refusal(broadcast, now, "only a paused one can be resumed");
  return { ...broadcast, state: "sending", fanOut: { ...fanOut, epoch: fanOut.epoch + 1 } };
}

/** What is not sent yet never will be. */
export function cancel(broadcast: Broadcast, now: Date): Broadcast {
  if (broadcast.state === "cancelled") return broadcast;
  if (broadcast.state === "sent") throw refusal(broadcast, now, "all of it has been sent");
  return { ...broadcast, state: "cancelled", endedAt: now.toISOString() };
}

/** @throws DomainError invalid_input for any but a draft. */
export function requireDraft(broadcast: Broadcast, now: Date): void {
  if (broadcast.state === "draft") return;
  throw refusal(broadcast, now, "only a draft can be changed; cancel it and make another");
}

function begun({ local: _local, ...broadcast }: Broadcast, startsAt: Date): Broadcast {
  const epoch = (broadcast.fanOut?.epoch ?? 0) + 1;
  return {
    ...broadcast,
    state: "sending",
    startsAt: startsAt.toISOString(),
    fanOut: newFanOut(epoch, startsAt),
  };
}

function requireUnbegun(broadcast: Broadcast, now: Date): void {
  const state = shownState(broadcast, now);
  if (state === "draft" || state === "scheduled") return;
  throw refusal(broadcast, now, "only a draft or a scheduled one can be sent or scheduled");
}

function refusal(broadcast: Broadcast, now: Date, why: string): DomainError {
  const message = `is ${shownState(broadcast, now)}: ${why}`;
  return new DomainError("invalid_input", `The broadcast ${broadcast.id} ${message}.`, {
    errors: [{ pointer: "", message, code: "invalid_state" }],
  });
}

function passed(pointer: string, message: string): DomainError {
  return new DomainError("invalid_input", `The broadcast was not scheduled: ${message}.`, {
    errors: [{ pointer, message, code: "passed" }],
  });
}
