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
  /** Of which nobody knows whether SES took them. Days counted before this was a count have none. */
  unconfirmed: z._default(z.number(), 0),
  /** Of those sent or unconfirmed, those beyond recall when their reader did what made them leave the journey. */
  overtaken: z._default(z.number(), 0),
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
    unconfirmed: 0,
    overtaken: 0,
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

/** Facts of which a mail has one or none: bits of `told`. */
const bits = {
  sent: 1,
  heldOut: 2,
  delivered: 4,
  bounced: 8,
  complained: 16,
  unsubscribed: 32,
  skipped: 64,
  unconfirmed: 128,
  overtaken: 256,
} as const;
const openedByMachine = 512;

/** All that is known of one mail; a broadcast's day may hold a million. */
interface Story {
  readonly line: Line;
  trial: boolean;
  told: number;
  reason?: string;
  /** Ids of the opens that are not surely a machine's. */
  opens?: Set<string>;
  clicks?: Map<string, MailFact>;
  orders?: OrderResult[];
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
  const known = new Map<string, Line>();
  function lineOf({ version, stepId, variant, template }: Mail): Line {
    const line = { version, stepId, variant, template };
    const key = keyOf(line);
    const same = known.get(key) ?? line;
    known.set(key, same);
    return same;
  }
  function storyOf(mail: Mail): Story {
    const story = stories.get(mail.mail) ?? { line: lineOf(mail), trial: false, told: 0 };
    story.trial ||= mail.trial === true;
    stories.set(mail.mail, story);
    return story;
  }
  return {
    addFact: (fact) => tell(storyOf(fact), fact),
    addOrder(order) {
      if (order.gone === true) return;
      const story = storyOf(order);
      story.orders = [...(story.orders ?? []), order];
    },
    counts() {
      const lines = new Map<Line, Counts>();
      for (const story of stories.values()) {
        const counts = lines.get(story.line) ?? noCounts();
        lines.set(story.line, counts);
        count(story, counts);
      }
      return sortedLines([...lines].map(([line, counts]) => ({ ...line, ...counts })));
    },
  };
}

function tell(story: Story, fact: MailFact): void {
  switch (fact.fact) {
    case "opened":
      if (fact.machine === true) story.told |= openedByMachine;
      else story.opens = (story.opens ?? new Set()).add(fact.id);
      break;
    case "clicked":
      story.clicks = (story.clicks ?? new Map()).set(fact.id, fact);
      break;
    case "skipped":
      story.reason = fact.reason || "no reason given";
      story.told |= bits.skipped;
      break;
    default:
      story.told |= bits[fact.fact];
  }
}

/** Adds the counts of several days, line by line. */
export function sumLines(days: readonly (readonly LineCounts[])[]): readonly LineCounts[] {
  const lines = new Map<string, LineCounts>();
  for (const day of days) for (const line of day) addTo(lines, line);
  return sortedLines([...lines.values()]);
}

/** The counts of all lines together. */
export function totalOf(lines: readonly LineCounts[]): Counts {
  return lines.reduce<Counts>(plus, noCounts());
}

/** Adds one mail to the counts of its line: at most one to each count of mails. */
function count({ told, trial, reason, opens, clicks, orders = [] }: Story, counts: Counts): void {
  const is = (bit: number) => (told & bit) !== 0;
  const clicked = [...(clicks?.values() ?? [])].map((fact) => ({ ...fact, link: fact.link ?? "" }));
  const byHand = humanClicks(clicked).length;
  if (is(bits.sent)) counts.sent++;
  else if (reason !== undefined) counts.skipped[reason] = (counts.skipped[reason] ?? 0) + 1;
  else if (is(bits.unconfirmed)) counts.unconfirmed++;
  if (is(bits.overtaken) && (is(bits.sent) || reason === undefined)) counts.overtaken++;
  for (const name of ["heldOut", "delivered", "bounced", "complained", "unsubscribed"] as const) {
    if (is(bits[name])) counts[name]++;
  }
  counts.opens += opens?.size ?? 0;
  counts.clicks += byHand;
  // A click tells that a person has opened the mail, pictures or not.
  if (opens !== undefined || byHand > 0) counts.opened++;
  else if (is(openedByMachine)) counts.openedByMachines++;
  if (byHand > 0) counts.clicked++;
  else if (clicked.length > 0) counts.clickedByMachines++;
  const credited = orders.filter((order) => order.credited === true);
  const converting = credited.filter(isKept).length;
  counts.orders += converting;
  if (converting > 0) counts.converted++;
  for (const { currency, amount, takenBack } of credited) {
    add(counts.revenue, currency, amount);
    add(counts.refunded, currency, takenBack);
  }
  const isAsked = is(bits.sent) || is(bits.skipped) || is(bits.unconfirmed);
  if (trial && (is(bits.heldOut) || isAsked)) addToArm(counts.trial[is(bits.heldOut) ? "heldOut" : "mailed"], orders);
}

function addToArm(arm: Arm, orders: readonly OrderResult[]): void {
  arm.n++;
  if (orders.some(isKept)) arm.ordered++;
  for (const { currency, amount, takenBack } of orders) add(arm.revenue, currency, amount - takenBack);
}

/** Whether something is left of an order. */
function isKept({ amount, takenBack }: OrderResult): boolean {
  return amount > takenBack;
}

function add(amountsByCurrency: Record<string, number>, currency: string, amount: number): void {
  if (amount !== 0) amountsByCurrency[currency] = (amountsByCurrency[currency] ?? 0) + amount;
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
  "unconfirmed",
  "overtaken",
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

function sortedLines(lines: readonly LineCounts[]): readonly LineCounts[] {
  return lines.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}
