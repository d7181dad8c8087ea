import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { orderEvent, startTestStack, type TestStack } from "../support/stack.ts";

/**
 * The world at its worst, and the same outcome: one contact a person, one welcome each, right totals, none lost,
 * none double.
 */
let stack: TestStack;
let key: string;
beforeAll(async () => {
  stack = await startTestStack();
  key = await stack.apiKey();
});
afterAll(() => stack.process.close());

const peopleOf = (scenario: string) =>
  Array.from({ length: 8 }, (_, index) => `${scenario}-${index}@customers.example`);

/** Every person posts two forms, confirms, and buys twice. */
async function live(scenario: string): Promise<void> {
  const people = peopleOf(scenario);
  await Promise.all(people.map((email) => stack.postLead({ email, message: "one", marketing: true })));
  await Promise.all(
    people.map((email) => stack.postLead({ email: email.toUpperCase(), message: "two", firstName: "Ada" })),
  );
  await settle();
  for (const email of people) {
    const confirmation = (await stack.mailsTo(email)).find(({ subject }) => subject.includes("confirm"));
    await stack.press(confirmation, "c");
    await stack.press(confirmation, "c");
  }
  const { now } = (await stack.host.state()).clock;
  await Promise.all(
    people.flatMap((email) =>
      [1, 2, 1].map((order) => stack.track(key, orderEvent(email, `${email}-${order}`, now, { revenue: order * 10 }))),
    ),
  );
  await settle();
}

/** Past every retry's delay: what failed has been tried again by then. */
async function settle(): Promise<void> {
  await stack.host.drain();
  await stack.host.advance("30m", "10m");
}

async function expectAllWell(scenario: string): Promise<void> {
  const contacts = await stack.contacts();
  for (const email of peopleOf(scenario)) {
    expect(contacts.filter((contact) => contact.email.toLowerCase() === email)).toHaveLength(1);
    const found = await stack.contact(email);
    expect(found?.contact).toMatchObject({ orders: 2, revenue: [{ amount: 3000, currency: "USD" }] });
    const names = found?.events.map(({ name }) => name) ?? [];
    const count = (wanted: string) => names.filter((name) => name === wanted).length;
    expect([count("Form Submitted"), count("Order Completed"), count("Subscribed")]).toEqual([2, 2, 1]);
    const subjects = (await stack.mailsTo(email)).map(({ subject }) => subject.replace(/ (has|to|your).*/, ""));
    expect(subjects.sort()).toEqual(["Example Shop", "Please confirm", "Welcome"]);
  }
}

async function expectTotals(): Promise<void> {
  await stack.host.advance("1h", "10m");
  const { items } = await (await stack.staff("manager", "GET", "/v1/kpis?period=year")).json();
  const contacts = await stack.contacts();
  expect(items.slice(0, 2).map(({ value }: { value: number }) => value)).toEqual([contacts.length, contacts.length]);
  // Everybody began with a form, was never seen in a checkout, bought, and bought again.
  const funnel = await (await stack.staff("manager", "GET", "/v1/funnel?period=year&by=source")).json();
  const all = contacts.length;
  expect(funnel.items.map(({ source, cohort }: { source: string; cohort: number }) => [source, cohort])).toEqual([
    ["form", all],
  ]);
  const [{ stages }] = funnel.items;
  expect(stages.map(({ reached }: { reached: number }) => reached)).toEqual([all, all, all, all, all]);
  expect(stages.map(({ entered }: { entered: number }) => entered)).toEqual([0, all, 0, all, all]);
}

describe("one person, one welcome, right totals", () => {
  it("when every stream batch is delivered twice and a contact's records come out of order", async () => {
    await stack.host.setStreams({ duplicate: true, shuffle: true, seed: 7 });
    await live("shuffled");
    await stack.host.setStreams({ duplicate: false, shuffle: false });
    await expectAllWell("shuffled");
    await expectTotals();
  });

  it("when a fifth of all calls to the table and the queues are throttled", async () => {
    const throttled = (service: "dynamodb" | "sqs", seed: number) =>
      ({ service, kind: "throttle", rate: 0.2, seed }) as const;
    await stack.host.setFaults(
      [throttled("dynamodb", 1), throttled("sqs", 2)].flatMap((fault) =>
        ["*stream*", "*mail*", "*ses-events*", "*roll-up*", "*sweep*"].map((name) => ({ ...fault, function: name })),
      ),
    );
    await live("throttled");
    const { applied } = await stack.host.faults();
    expect(applied.length).toBeGreaterThan(50);
    await stack.host.setFaults([]);
    await settle();
    await expectAllWell("throttled");
    await expectTotals();
  });

  it("when SES itself throttles", async () => {
    await stack.host.setFaults([{ service: "ses", kind: "throttle", rate: 0.4, seed: 3 }]);
    await live("ses-throttled");
    await stack.host.setFaults([]);
    await settle();
    await expectAllWell("ses-throttled");
  });

  it("when every stream batch so far is handed over once more", async () => {
    const before = await stack.contacts();
    await stack.host.replayStreams();
    await settle();
    expect(await stack.contacts()).toEqual(before);
    for (const scenario of ["shuffled", "throttled", "ses-throttled"]) await expectAllWell(scenario);
    await expectTotals();
  });
});
