import { DomainError } from "../errors.ts";
import { heardWhileRunning, type JourneyDefinition } from "./definition.ts";
import type { JourneyHead } from "./journey.ts";
import type { JourneyStore } from "./journey-store.ts";

type Stamp = Pick<JourneyHead, "updatedAt" | "updatedBy">;

/** The head with a new draft; a journey that is new begins as one. */
export function withDraft(
  head: JourneyHead | undefined,
  id: string,
  draft: JourneyDefinition,
  stamp: Stamp,
): JourneyHead {
  const fresh = { id, state: "draft" as const, publishedVersion: 0, revision: 0, hears: [] };
  return { ...(head ?? fresh), ...stamp, name: draft.name, draft };
}

/**
 * The head with its draft published. The version is written first: a crash before the head leaves a version that nobody
 * takes, and the next attempt writes over it.
 *
 * @throws DomainError invalid_input without a draft, version_conflict when another publication came first.
 */
export async function publish(store: JourneyStore, head: JourneyHead): Promise<JourneyHead> {
  const { draft, ...rest } = head;
  if (draft === undefined) throw refusal(head, "has no draft to publish; PUT one first");
  const publishedVersion = head.publishedVersion + 1;
  await store.putVersion(head.id, publishedVersion, draft, head.revision);
  const hears = [...new Set([...head.hears, ...heardWhileRunning(draft)])];
  return { ...rest, publishedVersion, hears, state: head.state === "paused" ? "paused" : "published" };
}

export function pause(head: JourneyHead): JourneyHead {
  if (head.state === "paused") return head;
  if (head.state !== "published") throw refusal(head, `is ${head.state}: only a published journey can be paused`);
  return { ...head, state: "paused" };
}

export function resume(head: JourneyHead): JourneyHead {
  if (head.state === "published") return head;
  if (head.state !== "paused") throw refusal(head, `is ${head.state}: only a paused journey can be resumed`);
  return { ...head, state: "published" };
}

export function archive(head: JourneyHead, now: Date): JourneyHead {
  return head.state === "archived" ? head : { ...head, state: "archived", archivedAt: now.toISOString() };
}

function refusal({ id }: JourneyHead, message: string): DomainError {
  return new DomainError("invalid_input", `The journey ${id} ${message}.`, {
    errors: [{ pointer: "", message, code: "invalid_state" }],
  });
}
