import * as z from "zod/mini";
import { humanClicks } from "../email/machine.ts";
import type { OrderResult } from "./credit.ts";
import { type Line, lineSchema, type Mail, type MailFact } from "./mail-fact.ts";

const amounts = z.record(z.string(), z.number());

/** One side of the comparison of those who were meant to get a mail with those who were held out. */
export const armSchema = z.object({
  /** Recipients. */
  n: z.number(),
  /** Those of them who ordered within the window, whether or not they clicked. */
  ordered: z.number(),
  /** Of all their orders within the window, less what was taken back; minor units by currency. */
  revenue: amounts,
});
export type Arm = z.infer<typeof armSchema>;

/** How many mails, but for `opens`, `clicks` and `orders`. */
export const countsSchema = z.object({
  sent: z.number(),
  /** By reason. */
  skipped: z.record(z.string(), z.number()),
  heldOut: z.number(),
  delivered: z.number(),
  /** Opened by a person as far as can be told, and by machines only. */
  opened: z.number(),
  openedByMachines: z.number(),
  opens: z.number(),
  clicked: z.number(),
  clickedByMachines: z.number(),
  clicks: z.number(),
  unsubscribed: z.number(),
  bounced: z.number(),
  complained: z.number(),
  /** With an order credited to it of which something is left. */
  converted: z.number(),
  orders: z.number(),
  /** Of credited orders, and what was taken back of them since; minor units by currency. */
  revenue: amounts,
  refunded: amounts,
  trial: z.object({ mailed: armSchema, heldOut: armSchema }),
});
export type Counts = z.infer<typeof countsSchema>;

/** The counts of one line: a version's step with one variant and template. */
export const lineCountsSchema = z.extend(lineSchema, countsSchema.shape);
export type LineCounts = z.infer<typeof lineCountsSchema>;

const noArm = (): Arm => ({ n: 0, ordered: 0, revenue: {} });

export function noCounts(): Counts {
  return {
    sent: 0,
    skipped: {},
    heldOut: 0,
    delivered: 0,
    opened: 0,
    openedByMachines: 0,
    opens: 0,
    clicked: 0,
    clickedByMachines: 0,
    clicks: 0,
    unsubscribed: 0,
    bounced: 0,
    complained: 0,
    converted: 0,
    orders: 0,
    revenue: {},
    refunded: {},
    trial: { mailed: noArm(), heldOut: noArm() },
  };
}

/** All that is known of one mail. */
interface Story {
  readonly line: Line;
  trial: boolean;
  readonly facts: MailFact[];
  readonly orders: OrderResult[];
}

export interface Counter {
  addFact(fact: MailFact): void;
  addOrder(order: OrderResult): void;
  counts(): readonly LineCounts[];
}

/**
 * Counts a campaign's day, line by line. A fact that is told twice counts once, and a mail once in each count, whatever
 * comes in which order.
 */
export function createCounter(): Counter {
  const stories = new Map<string, Story>();
  const seen = new Set<string>();
  function storyOf(mail: Mail): Story {
    const { version, stepId, variant, template } = mail;
    const story = stories.get(mail.mail) ?? {
      line: { version, stepId, variant, template },
      trial: false,
      facts: [],
      orders: [],
    };
    story.trial ||= mail.trial === true;
    stories.set(mail.mail, story);
    return story;
  }
  return {
    addFact(fact) {
      if (seen.has(fact.id)) return;
      seen.add(fact.id);
      storyOf(fact).facts.push(fact);
    },
    addOrder(order) {
      if (order.gone !== true) storyOf(order).orders.push(order);
    },
    counts() {
      const lines = new Map<string, LineCounts>();
      for (const story of stories.values()) addTo(lines, { ...story.line, ...countsOf(story) });
      return sorted(lines);
    },
  };
}

/** Adds the counts of several days, line by line. */
export function sumLines(days: readonly (readonly LineCounts[])[]): readonly LineCounts[] {
  const lines = new Map<string, LineCounts>();
  for (const day of days) for (const line of day) addTo(lines, line);
  return sorted(lines);
}

/** The counts of all lines together. */
export function totalOf(lines: readonly LineCounts[]): Counts {
  return lines.reduce<Counts>(plus, noCounts());
}

/** What was written to people and machines did with it; each story adds at most one to each count of mails. */
function countsOf({ facts, orders, trial }: Story): Counts {
  const told = (name: MailFact["fact"]) => facts.filter(({ fact }) => fact === name);
  const one = (list: readonly unknown[]) => Math.min(1, list.length);
  const opens = told("opened").filter(({ machine }) => machine !== true);
  const clicked = told("clicked").map((fact) => ({ ...fact, link: fact.link ?? "" }));
  const clicks = humanClicks(clicked);
  const [skip] = told("skipped");
  const sent = one(told("sent"));
  const credited = orders.filter((order) => order.credited === true);
  const kept = (list: readonly OrderResult[]) => list.filter(({ amount, takenBack }) => amount > takenBack);
  const arm: Arm = {
    n: 1,
    ordered: one(kept(orders)),
    revenue: sumOf(orders.map(({ currency, amount, takenBack }) => ({ [currency]: amount - takenBack }))),
  };
  const isHeldOut = told("heldOut").length > 0;
  // A click tells that a person has opened the mail, pictures or not.
  const opened = one([...opens, ...clicks]);
  return {
    sent,
    skipped: skip === undefined || sent > 0 ? {} : { [skip.reason || "no reason given"]: 1 },
    heldOut: one(told("heldOut")),
    delivered: one(told("delivered")),
    opened,
    openedByMachines: opened > 0 ? 0 : one(told("opened")),
    opens: opens.length,
    clicked: one(clicks),
    clickedByMachines: clicks.length > 0 ? 0 : one(clicked),
    clicks: clicks.length,
    unsubscribed: one(told("unsubscribed")),
    bounced: one(told("bounced")),
    complained: one(told("complained")),
    converted: one(kept(credited)),
    orders: kept(credited).length,
    revenue: sumOf(credited.map(({ currency, amount }) => ({ [currency]: amount }))),
    refunded: sumOf(credited.map(({ currency, takenBack }) => ({ [currency]: takenBack }))),
    trial: {
      mailed: trial && !isHeldOut && (sent > 0 || skip !== undefined) ? arm : noArm(),
      heldOut: trial && isHeldOut ? arm : noArm(),
    },
  };
}

type Amounts = Readonly<Record<string, number>>;

function sumOf(list: readonly Amounts[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const amountsOfOne of list) {
    for (const [name, amount] of Object.entries(amountsOfOne)) sum[name] = (sum[name] ?? 0) + amount;
  }
  return Object.fromEntries(Object.entries(sum).filter(([, amount]) => amount !== 0));
}

function plusArm(a: Arm, b: Arm): Arm {
  return { n: a.n + b.n, ordered: a.ordered + b.ordered, revenue: sumOf([a.revenue, b.revenue]) };
}

const numbers = [
  "sent",
  "heldOut",
  "delivered",
  "opened",
  "openedByMachines",
  "opens",
  "clicked",
  "clickedByMachines",
  "clicks",
  "unsubscribed",
  "bounced",
  "complained",
  "converted",
  "orders",
] as const satisfies readonly (keyof Counts)[];

function plus(a: Counts, b: Counts): Counts {
  const sum = noCounts();
  for (const name of numbers) sum[name] = a[name] + b[name];
  return {
    ...sum,
    skipped: sumOf([a.skipped, b.skipped]),
    revenue: sumOf([a.revenue, b.revenue]),
    refunded: sumOf([a.refunded, b.refunded]),
    trial: {
      mailed: plusArm(a.trial.mailed, b.trial.mailed),
      heldOut: plusArm(a.trial.heldOut, b.trial.heldOut),
    },
  };
}

function keyOf({ version, stepId, variant, template }: Line): string {
  return JSON.stringify([version ?? 0, stepId ?? "", variant ?? "", template ?? ""]);
}

function addTo(lines: Map<string, LineCounts>, added: LineCounts): void {
  const key = keyOf(added);
  const { version, stepId, variant, template } = added;
  lines.set(key, { version, stepId, variant, template, ...plus(lines.get(key) ?? noCounts(), added) });
}

function sorted(lines: ReadonlyMap<string, LineCounts>): readonly LineCounts[] {
  return [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
}
