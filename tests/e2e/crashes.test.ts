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
  // past visibility time-outs, leases and retries
  await stack.host.advance("1h", "15m");
  const { applied } = await stack.host.faults();
  await stack.host.setFaults([]);
  return applied.length > 0;
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
    let calls = 0;
    for (let nth = 1; nth <= 40; nth++) {
      const email = `stream-${kind.toLowerCase()}-${nth}@customers.example`;
      const struck = await strike("*table-stream*", kind, nth, email);
      expect([nth, await outcome(email)]).toEqual([nth, { contacts: 1, submissions: 1, mails: 1, sent: 1 }]);
      if (!struck) break;
      calls = nth;
    }
    expect(calls).toBeGreaterThanOrEqual(8);
    expect(calls).toBeLessThan(40);
  });

  it("at any call of the mail function sends at most one mail, and forgets none", async () => {
    const emails: string[] = [];
    let struck = true;
    while (struck && emails.length < 20) {
      const email = `mail-${kind.toLowerCase()}-${emails.length + 1}@customers.example`;
      struck = await strike("*-mail", kind, emails.length + 1, email);
      emails.push(email);
      expect((await outcome(email)).mails).toBeLessThanOrEqual(1);
    }
    expect(emails.length).toBeGreaterThan(4);
    expect(struck).toBe(false);
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
