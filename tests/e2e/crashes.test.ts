import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerOf } from "../support/ledger.ts";
import { startTestStack, type TestStack } from "../support/stack.ts";

/** A process dies before or after the effect of each of its calls in turn: there is no other place to lose anything. */
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.process.close());

const kinds = ["crashBefore", "crashAfter", "timeoutAfter"] as const;

/** Runs the function's work for one new person with a fault at its n-th call; false once it makes fewer calls. */
async function strike(name: string, kind: (typeof kinds)[number], nth: number, email: string): Promise<boolean> {
  await stack.host.setFaults([{ function: name, kind, nth }]);
  const response = await stack.postLead({ email, firstName: "Ada" });
  expect(response.status).toBe(202);
  await stack.host.drain();
  const { applied } = await stack.host.faults();
  await stack.host.setFaults([]);
  return applied.length > 0;
}

/** One person for each call that the function makes, and one beyond, whom no fault met; then past time-outs, leases and retries. */
async function strikeEach(name: string, kind: (typeof kinds)[number], most: number): Promise<readonly string[]> {
  const emails: string[] = [];
  for (let struck = true; struck && emails.length < most; ) {
    const email = `${name.replace(/\W/g, "")}-${kind.toLowerCase()}-${emails.length + 1}@customers.example`;
    struck = await strike(name, kind, emails.length + 1, email);
    emails.push(email);
  }
  await stack.host.advance("1h", "15m");
  return emails;
}

async function outcome(email: string) {
  const all = (await stack.contacts()).filter((contact) => contact.email === email).length;
  const found = await stack.contact(email);
  const names = found?.events.map(({ name }) => name) ?? [];
  return {
    contacts: all,
    submissions: names.filter((name) => name === "Form Submitted").length,
    mails: (await stack.mailsTo(email)).length,
    sent: names.filter((name) => name === "Email Sent").length,
  };
}

async function ledgerStates(email: string): Promise<readonly string[]> {
  return (await ledgerOf(stack, email)).map(({ state }) => state);
}

describe.each(kinds)("%s", (kind) => {
  it("at any call of the stream function loses nothing and repeats nothing", async () => {
    const emails = await strikeEach("*table-stream*", kind, 50);
    for (const email of emails) {
      expect([email, await outcome(email)]).toEqual([email, { contacts: 1, submissions: 1, mails: 1, sent: 1 }]);
    }
    expect(emails.length).toBeGreaterThan(8);
    expect(emails.length).toBeLessThan(50);
  });

  it("at any call of the mail function sends at most one mail, and forgets none", async () => {
    const emails = await strikeEach("*-mail", kind, 20);
    for (const email of emails) expect((await outcome(email)).mails).toBeLessThanOrEqual(1);
    expect(emails.length).toBeGreaterThan(4);
    expect(emails.length).toBeLessThan(20);
    // what is not known to be sent within a day is sent once more, since it is transactional
    await stack.host.advance("25h", "1h");
    for (const email of emails) {
      expect([email, await outcome(email)]).toEqual([email, { contacts: 1, submissions: 1, mails: 1, sent: 1 }]);
    }
  });

  it("around the call that sends a welcome never sends it twice, and closes what stays unknown", async () => {
    const email = `welcome-${kind.toLowerCase()}@customers.example`;
    await stack.postLead({ email, marketing: true });
    await stack.host.drain();
    await stack.host.setFaults([{ function: "*-mail", service: "ses", kind, nth: 1 }]);
    await stack.press((await stack.mailsTo(email))[0], "c");
    await stack.host.drain();
    await stack.host.advance("1h", "15m");
    await stack.host.setFaults([]);
    const sent = kind !== "crashBefore";
    expect(await ledgerStates(email)).toEqual(["SENT", sent ? "SENT" : "UNKNOWN"]);
    await stack.host.advance("25h", "1h");
    expect(await ledgerStates(email)).toEqual(["SENT", sent ? "SENT" : "UNCONFIRMED"]);
    expect(await stack.mailsTo(email)).toHaveLength(sent ? 2 : 1);
  });
});

it("counts each of them once in the KPIs", async () => {
  await stack.host.advance("1h", "10m");
  const { items } = await (await stack.staff("manager", "GET", "/v1/kpis?period=year")).json();
  expect(items[0].value).toBe((await stack.contacts()).length);
});
