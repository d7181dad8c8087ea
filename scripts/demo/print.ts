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
