import { beforeEach, describe, expect, it } from "vitest";
import { sendDigests } from "../../../shared/digests/send-digests.ts";
import { defaultId } from "../../../shared/digests/subscription.ts";
import { putSubscription, readSubscriptions } from "../../../shared/digests/subscription-store.ts";
import type { MailMessageInput } from "../../../shared/email/mail-message.ts";
import type { Table } from "../../../shared/table/client.ts";
import { crashing } from "../../support/crashing.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { managers, runOf, subscriptionOf } from "./support.ts";

let table: Table;
beforeEach(async () => {
  table = await createTestTable(engine.url);
});

const keysOf = (sent: readonly MailMessageInput[]) => sent.map(({ messageKey }) => messageKey);
const [morgan, mia] = managers.map(defaultId);

async function run(now: string, changes: Parameters<typeof runOf>[3] = {}): Promise<readonly MailMessageInput[]> {
  const sent: MailMessageInput[] = [];
  await sendDigests(runOf(table, now, sent, changes));
  return sent;
}

describe("the managers of the configuration", () => {
  it("have a digest from the hour of the first run on, each day once", async () => {
    const sent = [...(await run("2026-11-26T08:00:20Z")), ...(await run("2026-11-26T09:00:20Z"))];
    sent.push(...(await run("2026-11-27T07:00:20Z")), ...(await run("2026-11-27T08:00:20Z")));
    expect(keysOf(sent)).toEqual([
      `digest-${morgan}-2026-11-26`,
      `digest-${mia}-2026-11-26`,
      `digest-${mia}-2026-11-27`,
      `digest-${morgan}-2026-11-27`,
    ]);
    expect(sent[0]).toMatchObject({
      owner: { staff: managers[0] },
      content: { stopUrl: expect.stringMatching(/^https:\/\/shop\.example\/d\/v1\./) },
    });
  });

  it("have one each, also where one is named twice", async () => {
    const twice = [...managers, { name: "Morgan again", email: "Morgan@example.com" }];
    for (const now of ["2026-11-26T08:00:20Z", "2026-11-26T09:00:20Z", "2026-11-26T10:00:20Z"])
      await run(now, { managers: twice });
    const { stored } = await readSubscriptions(table);
    expect(stored.map(({ id, version }) => [id, version]).toSorted()).toEqual(
      [morgan, mia].map((id) => [id, 1]).toSorted(),
    );
  });

  it("are told nothing of hours before the first run", async () => {
    expect(await run("2026-11-26T08:30:00Z", { hour: 7 })).toEqual([]);
  });

  it("get what the configuration says now, until staff change it", async () => {
    await run("2026-11-26T08:00:20Z");
    expect(await run("2026-11-26T10:00:00Z", { hour: 10 })).toEqual([]);
    const standing = (await readSubscriptions(table)).stored.find(({ id }) => id === mia);
    if (standing === undefined || "ended" in standing) throw new Error("no default");
    const { configured: _, ...own } = standing;
    await putSubscription(table, { ...own, hour: 6, version: own.version + 1 });
    expect(keysOf(await run("2026-11-27T06:00:00Z", { hour: 10 }))).toEqual([`digest-${mia}-2026-11-27`]);
    expect(keysOf(await run("2026-11-27T10:00:00Z", { hour: 10 }))).toEqual([`digest-${morgan}-2026-11-27`]);
  });

  it("get none once they have left the configuration, or their digest was deleted", async () => {
    await run("2026-11-26T08:00:20Z");
    await putSubscription(table, { id: morgan ?? "", version: 2, ended: true });
    for (let hours = 0; hours < 3; hours++) expect(keysOf(await run("2026-11-27T08:00:00Z"))).not.toContain(morgan);
    expect(await run("2026-11-28T08:00:00Z", { managers: managers.slice(0, 1) })).toEqual([]);
    const { stored } = await readSubscriptions(table);
    expect(stored.find(({ id }) => id === morgan)).toEqual({ id: morgan, version: 2, ended: true });
  });

  it("keep what they stopped stopped, whatever becomes of the configuration's hour", async () => {
    await run("2026-11-26T08:00:20Z");
    const { stored } = await readSubscriptions(table);
    const stopped = stored.find(({ id }) => id === mia);
    if (stopped === undefined || "ended" in stopped) throw new Error("no default");
    await putSubscription(table, { ...stopped, stoppedAt: "2026-11-26T09:00:00.000Z", version: 2 });
    expect(keysOf(await run("2026-11-27T11:00:00Z", { hour: 11 }))).toEqual([`digest-${morgan}-2026-11-27`]);
  });
});

describe("a run", () => {
  it("that is late sends today's once; one after days sends the newest alone", async () => {
    await putSubscription(table, subscriptionOf({ weekdays: ["monday", "tuesday", "wednesday", "friday"] }));
    const late = await run("2026-11-27T20:00:00Z", { managers: [] });
    expect(keysOf([...late, ...(await run("2026-11-27T21:00:00Z", { managers: [] }))])).toEqual([
      "digest-weekly-2026-11-27",
    ]);
    expect(keysOf(await run("2026-12-03T20:00:00Z", { managers: [] }))).toEqual(["digest-weekly-2026-12-02"]);
  });

  it("reads one partition and counts nothing while nothing is due", async () => {
    await putSubscription(table, subscriptionOf({ since: "2026-11-24T00:00:00.000Z" }));
    const kpis = () => Promise.reject(new Error("asked"));
    await expect(run("2026-11-26T20:00:00Z", { managers: [], kpis, tokenKeys: kpis })).resolves.toEqual([]);
  });

  it("that cannot make one digest sends the others, says so, and makes up for it", async () => {
    for (const id of ["one", "two", "three"]) await putSubscription(table, subscriptionOf({ id }));
    const sent: MailMessageInput[] = [];
    const sendMail = async (message: MailMessageInput) => {
      if (message.messageKey.startsWith("digest-three")) throw new Error("no room");
      sent.push(message);
    };
    const changes = { managers: [], sendMail };
    await expect(sendDigests(runOf(table, "2026-11-27T09:00:00Z", sent, changes))).rejects.toMatchObject({
      message: "1 of 3 digests failed",
      cause: { message: "the digest three failed", cause: { message: "no room" } },
    });
    expect(keysOf(sent).toSorted()).toEqual(["digest-one-2026-11-27", "digest-two-2026-11-27"]);
    expect(keysOf(await run("2026-11-27T10:00:00Z", { managers: [] }))).toEqual(["digest-three-2026-11-27"]);
  });

  it.each([false, true])(
    "that dies anywhere (after the effect: %s) loses nobody's digest and repeats no key",
    async (after) => {
      const expected = [...managers.map(defaultId), "weekly"].map((id) => `digest-${id}-2026-11-27`).toSorted();
      for (let nth = 1; ; nth++) {
        table = await createTestTable(engine.url);
        await putSubscription(table, subscriptionOf());
        const sent: MailMessageInput[] = [];
        const now = "2026-11-27T09:00:20Z";
        const died = await sendDigests(runOf(crashing(table, { nth, after }), now, sent, { hour: 9 })).then(
          () => false,
          () => true,
        );
        await sendDigests(runOf(table, now, sent, { hour: 9 }));
        // Whatever is asked for twice is so under one key, of which the ledger lets one mail through.
        expect([...new Set(keysOf(sent))].toSorted()).toEqual(expected);
        expect(await itemsOf(table, "digest")).toHaveLength(3);
        if (!died) break;
        expect(nth).toBeLessThan(60);
      }
    },
  );
});
