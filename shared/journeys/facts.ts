import type { EventFact } from "./event-match.ts";

/** What the engine may know beside the run. */
export interface Facts {
  readonly contactId: string;
  /** The event that started the run, or is to start it. */
  readonly event: EventFact;
  /** The contact's events since the trigger, and whatever of before it may make the run leave; in any order. */
  readonly events: readonly EventFact[];
  /** What branches may ask of the contact. */
  readonly contact: Readonly<Record<string, unknown>>;
  /** Of the hours that the journey names: the contact's, else the journey's, else the account's. */
  readonly timeZone: string;
  /** While the journey is paused, a run can only be left. */
  readonly paused?: boolean;
  /** Which time the contact enters (with this entry key). */
  readonly rotation?: number;
}
