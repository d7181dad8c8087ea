import { type Cost, costOf } from "../../local/cost.ts";
import type { MeterSnapshot } from "../../local/gateway/meter.ts";
import { linkIn, readMails, type SentMail } from "../mail.ts";
import { sampleForm } from "../sample.ts";
import type { Stack } from "../stack.ts";
import { type DemoLead, demoLeads } from "./leads.ts";
import { postOrders } from "./orders.ts";
import { runSeason, type Season } from "./season.ts";
import { openShop } from "./shop.ts";

export interface DemoReport {
  readonly leads: {
    readonly posted: number;
    readonly accepted: number;
    readonly repeats: number;
    readonly people: number;
  };
  readonly refused: readonly { readonly why: string; readonly status: number; readonly code: string }[];
  readonly contacts: number;
  readonly orders: { readonly posted: number; readonly accepted: number; readonly customers: number };
  readonly emails: {
    readonly total: number;
    readonly confirmations: number;
    readonly confirmed: number;
    readonly welcomes: number;
    readonly acknowledgements: number;
    readonly digests: number;
  };
  /** Mails or contacts that someone got twice. */
  readonly duplicates: number;
  /** People who are missing, as a contact or as a reader of a mail that was due. */
  readonly lost: number;
  readonly digest: DemoDigest;
  /** The digest of the last morning. */
  readonly lastDigest: DemoDigest;
  readonly kpis: readonly KpiRow[];
  readonly cost: {
    readonly perLead: Cost;
    readonly total: Cost;
    readonly writeUnitsPerLead: number;
    readonly readUnitsPerLead: number;
  };
  /** A hundred days of the shop after that. */
  readonly season: Season;
  /** What did not hold; empty when all is well. */
  readonly broken: readonly string[];
}

export interface DemoDigest {
  readonly subject: string;
  readonly lines: readonly string[];
}

export interface KpiRow {
  readonly title: string;
  readonly format: "count" | "percent";
  readonly value: number | null;
  readonly target: { readonly target: number; readonly owner: { readonly name: string } } | null;
  readonly status: string;
}

export type Progress = (step: string, done: number, of: number) => void;

interface Answer {
  readonly lead: DemoLead;
  readonly status: number;
  readonly code: string;
}

/** The product's life: leads of all sorts, confirmations, orders, the next morning's digest, and a shop's next hundred days. */
export async function runDemo(stack: Stack, progress: Progress): Promise<DemoReport> {
  await stack.host.resetMeter();
  const answers = await postLeads(stack, progress);
  const people = new Map(
    answers.flatMap(({ lead }) => (lead.person === undefined ? [] : [[lead.person, lead] as const])),
  );
  progress("settling", 0, 1);
  await stack.host.drain();
  const leadMeter = await stack.host.meter();

  const confirmed = await confirmSome(await readMails(stack.host), progress);
  await stack.host.drain();
  const shop = await openShop(stack);
  const orders = await postOrders(shop, [...people.keys()].slice(0, 15), progress);
  await stack.host.drain();

  progress("on to the next digest", 0, 1);
  await advanceToDigest(stack);
  const mails = await readMails(stack.host);
  const contacts = await countContacts(stack);
  const kpis = await readKpis(stack);
  const total = await stack.host.meter();
  const shoppers = [...confirmed].filter((_, index) => index % 2 === 0);
  const season = await runSeason(stack, shop, shoppers, progress);
  const wrong = answers.filter(({ lead, status }) => status !== lead.status);
  const lastDigest = digestsAmong(await readMails(stack.host)).at(-1);
  return reportOf({
    lastDigest,
    answers,
    wrong,
    people,
    confirmed,
    orders,
    mails,
    contacts,
    kpis,
    leadMeter,
    total,
    season,
  });
}

async function postLeads({ publicUrl }: Stack, progress: Progress): Promise<readonly Answer[]> {
  const leads = demoLeads(sampleForm.id);
  const answers: Answer[] = [];
  for (const [index, lead] of leads.entries()) {
    // each from an address of its own: the form limits how much one sender may post
    const headers = {
      ...lead.init.headers,
      "x-local-source-ip": `198.51.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    };
    const response = await fetch(`${publicUrl}${lead.path}`, { ...lead.init, headers, redirect: "manual" });
    const body = await response.text();
    answers.push({ lead, status: response.status, code: codeOf(body) });
    progress("posting leads", index + 1, leads.length);
  }
  return answers;
}

function codeOf(body: string): string {
  return /"code":"([a-z_]+)","correlationId"/.exec(body)?.[1] ?? "";
}

/** Two of three people press the button; every link is also followed by a scanner, which must change nothing. */
async function confirmSome(mails: readonly SentMail[], progress: Progress): Promise<ReadonlySet<string>> {
  const confirmed = new Set<string>();
  const asked = mails.filter((mail) => linkIn(mail, "c") !== undefined);
  for (const [index, mail] of asked.entries()) {
    const link = linkIn(mail, "c") ?? "";
    await fetch(link).then((response) => response.text());
    if (index % 3 !== 2) {
      for (const _ of ["a tap", "and a second one"])
        await fetch(link, { method: "POST" }).then((response) => response.text());
      confirmed.add(mail.to);
    }
    progress("confirming", index + 1, asked.length);
  }
  return confirmed;
}

function digestsAmong(mails: readonly SentMail[]): readonly SentMail[] {
  return mails.filter(({ subject }) => subject.startsWith("KPIs of"));
}

async function advanceToDigest(stack: Stack): Promise<void> {
  for (let hours = 0; hours < 25; hours++) {
    await stack.host.advance("1h", "10m");
    if ((await stack.host.mails()).some(({ subject }) => subject.startsWith("KPIs of"))) return;
  }
}

async function countContacts(stack: Stack): Promise<readonly string[]> {
  const emails: string[] = [];
  let cursor: string | null = null;
  do {
    const query = `limit=100${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
    const response = await stack.staff("sales", "GET", `/v1/contacts?${query}`);
    const page = (await response.json()) as { items: { email?: string }[]; nextCursor: string | null };
    emails.push(...page.items.map(({ email }) => (email ?? "").toLowerCase()));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return emails;
}

async function readKpis(stack: Stack): Promise<readonly KpiRow[]> {
  const response = await stack.staff("manager", "GET", "/v1/kpis?period=month");
  return ((await response.json()) as { items: KpiRow[] }).items;
}

function demoDigest(mail: SentMail | undefined): DemoDigest {
  return { subject: mail?.subject ?? "", lines: (mail?.text ?? "").split("\n") };
}

interface Findings {
  readonly lastDigest: SentMail | undefined;
  readonly answers: readonly Answer[];
  readonly wrong: readonly Answer[];
  readonly people: ReadonlyMap<string, DemoLead>;
  readonly confirmed: ReadonlySet<string>;
  readonly orders: { readonly posted: number; readonly accepted: number; readonly customers: ReadonlySet<string> };
  readonly mails: readonly SentMail[];
  readonly contacts: readonly string[];
  readonly kpis: readonly KpiRow[];
  readonly leadMeter: MeterSnapshot;
  readonly total: MeterSnapshot;
  readonly season: Season;
}

function reportOf(found: Findings): DemoReport {
  const { answers, people, confirmed, orders, mails, contacts, kpis } = found;
  const welcomes = mails.filter(({ subject }) => subject.startsWith("Welcome to"));
  const confirmations = mails.filter((mail) => linkIn(mail, "c") !== undefined);
  const digests = digestsAmong(mails);
  const acknowledgements = mails.length - welcomes.length - confirmations.length - digests.length;
  const accepted = answers.filter(({ lead, status }) => lead.person !== undefined && status === lead.status);
  const persons = new Set(people.keys());
  const marketing = new Set(
    answers.flatMap(({ lead }) => (lead.person !== undefined && lead.marketing ? [lead.person] : [])),
  );
  const duplicates =
    extra(contacts) +
    extra(welcomes.map(({ to }) => to)) +
    extra(confirmations.map(({ to }) => to)) +
    Math.max(0, digests.length - 1);
  const lost =
    missing(persons, contacts) +
    missing(
      confirmed,
      welcomes.map(({ to }) => to),
    ) +
    missing(
      marketing,
      confirmations.map(({ to }) => to),
    );
  const kpiNamed = (title: string) => kpis.find((kpi) => kpi.title === title)?.value;
  const broken = [
    ...found.wrong.map(({ lead, status }) => `${lead.label}: answered ${status} instead of ${lead.status}`),
    ...problem(contacts.length !== persons.size, `${contacts.length} contacts for ${persons.size} people`),
    ...problem(duplicates > 0, `${duplicates} duplicates`),
    ...problem(lost > 0, `${lost} lost`),
    ...problem(
      missing(new Set(welcomes.map(({ to }) => to)), [...confirmed]) > 0,
      "someone was welcomed without confirming",
    ),
    ...problem(digests.length !== 1, `${digests.length} digests instead of 1`),
    ...problem(found.lastDigest?.id === digests[0]?.id, "no digest came in the hundred days"),
    ...problem(
      kpiNamed("New leads") !== persons.size,
      `the KPI New leads says ${kpiNamed("New leads")}, not ${persons.size}`,
    ),
    ...problem(
      kpiNamed("New customers") !== orders.customers.size,
      `the KPI New customers says ${kpiNamed("New customers")}, not ${orders.customers.size}`,
    ),
    ...found.season.broken,
  ];
  const perLead = accepted.length;
  return {
    leads: {
      posted: answers.length,
      accepted: accepted.length,
      repeats: answers.filter(({ lead }) => lead.repeat).length,
      people: persons.size,
    },
    refused: answers
      .filter(({ lead }) => lead.refusal !== undefined)
      .map(({ lead, status, code }) => ({ why: lead.refusal ?? "", status, code })),
    contacts: contacts.length,
    orders: { posted: orders.posted, accepted: orders.accepted, customers: orders.customers.size },
    emails: {
      total: mails.length,
      confirmations: confirmations.length,
      confirmed: confirmed.size,
      welcomes: welcomes.length,
      acknowledgements,
      digests: digests.length,
    },
    duplicates,
    lost,
    digest: demoDigest(digests[0]),
    lastDigest: demoDigest(found.lastDigest),
    kpis,
    cost: {
      perLead: costOf(dividedBy(found.leadMeter, perLead)),
      total: costOf(found.total.totals),
      writeUnitsPerLead: found.leadMeter.totals.writeUnits / perLead,
      readUnitsPerLead: found.leadMeter.totals.readUnits / perLead,
    },
    season: found.season,
    broken,
  };
}

function problem(exists: boolean, sentence: string): readonly string[] {
  return exists ? [sentence] : [];
}

function extra(list: readonly string[]): number {
  return list.length - new Set(list).size;
}

function missing(wanted: ReadonlySet<string>, there: readonly string[]): number {
  return [...wanted].filter((one) => !there.includes(one)).length;
}

function dividedBy({ totals }: MeterSnapshot, count: number) {
  const { httpRequests, invocations, gbSeconds, writeUnits, readUnits, sqsRequests, sesRecipients, logBytes } = totals;
  const parts = { httpRequests, invocations, gbSeconds, writeUnits, readUnits, sqsRequests, sesRecipients, logBytes };
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, value / count])) as typeof parts;
}
