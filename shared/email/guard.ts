import * as z from "zod/mini";
import type { Key } from "../table/item.ts";
import { ratePk } from "./rate.ts";

/** Bounces and complaints by UTC day; the last event ids keep a repeated stage from counting twice. */
export const guardSchema = z.object({
  version: z.number(),
  days: z.record(z.string(), z.object({ bounces: z.number(), complaints: z.number() })),
  recent: z.array(z.string()),
  /** Days before it do not count: somebody has mended the cause and said so. */
  since: z.optional(z.string()),
});
export type Guard = z.output<typeof guardSchema>;

export const guardKey: Key = { pk: ratePk, sk: "GUARD" };

interface Limit {
  /** Bounces or complaints for each mail. */
  readonly rate: number;
  /** Below these counts a rate says nothing. */
  readonly mails: number;
  readonly events: number;
}

type Kind = "bounces" | "complaints";

/** AWS reviews an account at these rates and pauses it at twice and five times as much. */
const stopAt: Readonly<Record<Kind, Limit>> = {
  bounces: { rate: 0.05, mails: 200, events: 10 },
  complaints: { rate: 0.001, mails: 1_000, events: 2 },
};
/** There is time to act from these to the ones above. */
const warnAt: Readonly<Record<Kind, Limit>> = {
  bounces: { rate: 0.02, mails: 200, events: 4 },
  complaints: { rate: 0.0005, mails: 1_000, events: 1 },
};
/** The rates are taken over the newest days that hold as many mails. */
const lookBackMails = 1_000;
const keptDays = 8;
const keptIds = 200;

export type GuardVerdict = "open" | "bounces" | "complaints";

/** Counts a bounce or a complaint on its day; undefined when it is counted already or too old to matter. */
export function countEvent(
  guard: Guard | undefined,
  event: { readonly eventId: string; readonly kind: Kind; readonly at: string },
  now: Date,
): Guard | undefined {
  const first = dayOf(new Date(now.getTime() - keptDays * 86_400_000));
  const day = event.at.slice(0, 10);
  if (guard?.recent.includes(event.eventId) || day < first) return undefined;
  const days = Object.fromEntries(Object.entries(guard?.days ?? {}).filter(([date]) => date >= first));
  const { bounces = 0, complaints = 0 } = days[day] ?? {};
  const counts = { bounces, complaints };
  return {
    ...guard,
    version: (guard?.version ?? 0) + 1,
    days: { ...days, [day]: { ...counts, [event.kind]: counts[event.kind] + 1 } },
    recent: [event.eventId, ...(guard?.recent ?? [])].slice(0, keptIds),
  };
}

/** Whether marketing may go on, by the mails and their bounces of the newest days. Pure. */
export function guardVerdict(guard: Guard | undefined, mailsByDay: Readonly<Record<string, number>>): GuardVerdict {
  const reached = kindsAt(stopAt, guard, mailsByDay);
  if (reached.includes("complaints")) return "complaints";
  return reached.includes("bounces") ? "bounces" : "open";
}

/** What comes near the rates at which marketing stops itself, so that somebody can act before. Pure. */
export function guardWarnings(guard: Guard | undefined, mailsByDay: Readonly<Record<string, number>>): readonly Kind[] {
  return kindsAt(warnAt, guard, mailsByDay);
}

function kindsAt(
  limits: Readonly<Record<Kind, Limit>>,
  guard: Guard | undefined,
  mailsByDay: Readonly<Record<string, number>>,
): readonly Kind[] {
  if (guard === undefined) return [];
  const since = guard.since ?? "";
  const sum = { mails: 0, bounces: 0, complaints: 0 };
  const dates = [...new Set([...Object.keys(mailsByDay), ...Object.keys(guard.days)])].sort().reverse();
  for (const date of dates) {
    if (date < since || sum.mails >= lookBackMails) break;
    sum.mails += mailsByDay[date] ?? 0;
    sum.bounces += guard.days[date]?.bounces ?? 0;
    sum.complaints += guard.days[date]?.complaints ?? 0;
  }
  return (["bounces", "complaints"] as const).filter((kind) => {
    const { rate, mails, events } = limits[kind];
    return sum.mails >= mails && sum[kind] >= events && sum[kind] / sum.mails >= rate;
  });
}

/** The guard after somebody said that the cause is mended: counting begins with the next day. */
export function reopened(guard: Guard, now: Date): Guard {
  return { ...guard, version: guard.version + 1, since: dayOf(new Date(now.getTime() + 86_400_000)) };
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
