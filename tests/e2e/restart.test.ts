import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { startTestStack } from "../support/stack.ts";

const dataDirectory = mkdtempSync(join(tmpdir(), "rapport-restart-"));
afterAll(() => rmSync(dataDirectory, { recursive: true, force: true }));

it("loses nothing when the whole host is killed in the middle of its work and started again", async () => {
  const people = Array.from({ length: 60 }, (_, index) => `restart-${index}@customers.example`);
  const before = await startTestStack({ dataDirectory });
  const answers = await Promise.all(people.map((email) => before.postLead({ email, firstName: "Ada" })));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  await before.process.kill();

  const after = await startTestStack({ dataDirectory });
  try {
    await after.host.drain();
    await after.host.advance("1h", "5m");
    const contacts = await after.contacts();
    expect(contacts.map(({ email }) => email).sort()).toEqual([...people].sort());
    for (const email of people) {
      const names = (await after.contact(email))?.events.map(({ name }) => name) ?? [];
      expect([email, names.filter((name) => name === "Form Submitted").length]).toEqual([email, 1]);
      expect([email, (await after.mailsTo(email)).length]).toEqual([email, 1]);
    }
  } finally {
    await after.process.close();
  }
});
