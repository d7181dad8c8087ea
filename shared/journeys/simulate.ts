import type { Journey } from "./definition.ts";
import { advance } from "./engine.ts";
import type { EventFact } from "./event-match.ts";
import { mailDataOf } from "./mail-data.ts";
import type { Run, Visit } from "./run.ts";

export interface Simulated {
  readonly path: readonly Visit[];
  readonly mails: readonly { readonly at: string; readonly stepId: string; readonly templateId: string }[];
  /** What the mails merge. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
}

/** Turns of the clock after which a simulation stops: a loop without end has shown itself by then. */
const mostTurns = 200;

/** What a journey would do with a contact and what is to happen: the engine itself, without a table or a mail. */
export function simulate(
  journey: Journey,
  {
    contact,
    contactId,
    event,
    events,
    timeZone,
  }: {
    readonly contact: Readonly<Record<string, unknown>>;
    readonly contactId: string;
    readonly event: EventFact;
    readonly events: readonly EventFact[];
    readonly timeZone: string;
  },
): Simulated {
  let now = event.occurredAt;
  let run: Run | undefined;
  for (let turn = 0; turn < mostTurns; turn++) {
    const known = events.filter(({ occurredAt }) => occurredAt <= now);
    run = advance(journey, run, { contactId, event, events: known, contact, timeZone }, now).run;
    const ahead = events.map(({ occurredAt }) => occurredAt).filter((at) => at > now);
    const next = [...ahead, ...(run.dueAt === undefined ? [] : [run.dueAt])].sort()[0];
    if (run.state === "ended" || next === undefined) break;
    now = next;
  }
  return {
    path: run?.log ?? [],
    mails: (run?.effects ?? []).flatMap((effect) =>
      effect.type === "email" ? [{ at: effect.at, stepId: effect.stepId, templateId: effect.templateId }] : [],
    ),
    data: run === undefined ? {} : mailDataOf(run, event),
    endedAt: run?.endedAt ?? null,
    endedBy: run?.endedBy ?? null,
  };
}
