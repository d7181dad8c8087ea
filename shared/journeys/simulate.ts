import type { Journey } from "./definition.ts";
import { advance } from "./engine.ts";
import type { EventFact } from "./event-match.ts";
import { mailDataOf } from "./mail-data.ts";
import type { Effect, Run, Visit } from "./run.ts";

export interface Simulated {
  readonly path: readonly Visit[];
  readonly mails: readonly {
    readonly at: string;
    readonly stepId: string;
    readonly templateId: string;
    readonly notAfter?: string | undefined;
  }[];
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
  let known = contact;
  for (let turn = 0; turn < mostTurns; turn++) {
    const past = events.filter(({ occurredAt }) => occurredAt <= now);
    const advanced = advance(journey, run, { contactId, event, events: past, contact: known, timeZone }, now);
    run = advanced.run;
    // Folded a moment later, as in earnest: what follows at once does not see it yet.
    known = advanced.effects.reduce(afterUpdate, known);
    const ahead = events.map(({ occurredAt }) => occurredAt).filter((at) => at > now);
    const next = [...ahead, ...(run.dueAt === undefined ? [] : [run.dueAt])].sort()[0];
    if (run.state === "ended" || next === undefined) break;
    now = next;
  }
  return {
    path: run?.log ?? [],
    mails: (run?.effects ?? []).flatMap((effect) =>
      effect.type === "email"
        ? [{ at: effect.at, stepId: effect.stepId, templateId: effect.templateId, notAfter: effect.notAfter }]
        : [],
    ),
    data: run === undefined ? {} : mailDataOf(run, event),
    endedAt: run?.endedAt ?? null,
    endedBy: run?.endedBy ?? null,
  };
}

/** The contact as an `update` step leaves it. */
function afterUpdate(contact: Readonly<Record<string, unknown>>, effect: Effect): Readonly<Record<string, unknown>> {
  if (effect.type !== "event") return contact;
  const { fields, traits, tag } = effect.properties;
  const tags = (Array.isArray(contact.tags) ? contact.tags : []).filter((other) => other !== tag);
  switch (effect.name) {
    case "Contact Updated":
      return { ...contact, fields: merged(contact.fields, fields), traits: merged(contact.traits, traits) };
    case "Tag Added":
      return { ...contact, tags: [...tags, tag] };
    case "Tag Removed":
      return { ...contact, tags };
    default:
      return contact;
  }
}

function merged(held: unknown, told: unknown): object {
  return Object.assign({}, held, told);
}
