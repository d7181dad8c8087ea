import { styleText } from "node:util";
import type { DemoReport, Progress } from "./run.ts";

/** A progress bar on a terminal, silence elsewhere. */
export function progressBar(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return () => undefined;
  return (step, done, of) => {
    const filled = Math.round((done / Math.max(1, of)) * 30);
    stream.write(`\r\u001b[K${"█".repeat(filled)}${"░".repeat(30 - filled)} ${step}${of > 1 ? ` ${done}/${of}` : ""}`);
    if (done === of) stream.write("\r\u001b[K");
  };
}

/** The report as tables for people. */
export function printReport(report: DemoReport): string {
  const { leads, contacts, orders, emails, duplicates, lost, cost } = report;
  const dollars = (amount: number) => `$${amount.toFixed(2)}`;
  const perMillion = (amount: number) => dollars(amount * 1e6);
  return [
    heading("Came in"),
    row("posts to the form", leads.posted),
    row("accepted", `${leads.accepted}, of which ${leads.repeats} came twice`),
    row("refused", report.refused.length),
    row("people", leads.people),
    row("order events", `${orders.posted}, of ${orders.customers} customers`),
    heading("Refused, and why"),
    ...report.refused.map(({ why, status, code }) => row(why, `${status} ${code}`, 46)),
    heading("Made of it"),
    row("contacts", contacts),
    row("e-mails", emails.total),
    row("  asked to confirm", `${emails.confirmations} (${emails.confirmed} did)`),
    row("  welcomed", emails.welcomes),
    row("  acknowledged", emails.acknowledgements),
    row("  digests", emails.digests),
    row("duplicates", duplicates),
    row("lost", lost),
    heading("The digest"),
    ...report.digest.lines.slice(0, 12).map((line) => `  ${line}`),
    ...seasonOf(report),
    heading("The digest of the last morning"),
    ...report.lastDigest.lines.slice(0, 24).map((line) => `  ${line}`),
    heading("Cost of a lead, confirmation or acknowledgement mail included (modelled, us-east-1)"),
    row("write units", cost.writeUnitsPerLead.toFixed(1)),
    row("read units", cost.readUnitsPerLead.toFixed(1)),
    row("per million", perMillion(cost.perLead.total)),
    row("  e-mail", perMillion(cost.perLead.email)),
    row("  table", perMillion(cost.perLead.writes + cost.perLead.reads)),
    row("  Lambda", perMillion(cost.perLead.lambda)),
    row("  HTTP API, queues, logs", perMillion(cost.perLead.http + cost.perLead.sqs + cost.perLead.logs)),
    "",
    ...verdict(report),
  ].join("\n");
}

function seasonOf({ season }: DemoReport): readonly string[] {
  const dollars = (minor: number) => `$${(minor / 100).toFixed(2)}`;
  const columns = ["sent", "opened", "clicked", "unsubscribed", "orders", "revenue", "refunded", "cost"];
  const line = (label: string, values: readonly (string | number)[]) =>
    row(label, values.map((value) => String(value).padStart(13)).join(""), 15);
  return [
    heading(`The shop's next ${season.days} days`),
    row("shoppers", season.shoppers),
    row("carts", season.carts),
    row("orders", `${season.orders}, of which ${season.refunds} were sent back`),
    heading("What its journeys led to: an order is credited to the last click in the five days before it"),
    line("", columns),
    ...season.journeys.map(({ journeyId, sent, opened, clicked, unsubscribed, orders, revenue, refunded, cost }) =>
      line(journeyId, [sent, opened, clicked, unsubscribed, orders, ...[revenue, refunded, cost].map(dollars)]),
    ),
  ];
}

function verdict({ broken }: DemoReport): readonly string[] {
  if (broken.length === 0)
    return [styleText("green", "✔ Every invariant holds: one contact a person, no mail twice, nobody lost.")];
  return broken.map((sentence) => styleText("red", `✖ ${sentence}`));
}

function heading(text: string): string {
  return `\n${styleText("bold", text)}`;
}

function row(label: string, value: string | number, width = 26): string {
  return `  ${label.padEnd(width)} ${value}`;
}
