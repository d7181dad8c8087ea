import { describe, expect, test } from "vitest";
import { addressHash } from "../../../shared/contacts/email-address.ts";
import { deliver } from "../../../shared/email/delivery.ts";
import { messageStage } from "../../../shared/email/email-stages.ts";
import { ensureTokenKeys, keepTokenKeys, loadTokenKeys } from "../../../shared/email/token-key-store.ts";
import { verifyToken } from "../../../shared/email/tokens.ts";
import { queryTimeline } from "../../../shared/events/event-store.ts";
import { engine } from "../../support/engine.ts";
import { itemAt, key, meter, now, postRoom, timeline } from "./post-room.ts";
import { records } from "./ses-records.ts";
import { message } from "./world.ts";

const setup = () => postRoom(engine);

describe("a mail through the table", () => {
  test("costs two write units for its ledger, and two more for its sent and delivered events", async () => {
    const { table, deps, feedback } = await setup();
    await ensureTokenKeys(table);
    const units = meter(table);

    await deliver(deps, message);
    expect(units).toEqual({ write: 2, read: 4 });

    await messageStage({ table, now: () => now }).run({ item: await itemAt(table, key), previous: undefined });
    await feedback("Send", records.send);
    await feedback("Delivery", records.delivery);
    expect(units.write).toBe(4);
    expect(await timeline(table)).toEqual(["Email Sent", "Email Delivered"]);
  });

  test("says in each of its events what it was sent for, within one unit each", async () => {
    const { table, deps, feedback } = await setup();
    await ensureTokenKeys(table);
    const campaign = {
      type: "journey",
      id: "j".repeat(40),
      version: 12,
      stepId: "s".repeat(40),
      variant: "a:b",
    } as const;
    const units = meter(table);
    await deliver(deps, { ...message, campaign });
    await messageStage({ table, now: () => now }).run({ item: await itemAt(table, key), previous: undefined });
    await feedback("Delivery", records.delivery);
    await feedback("Open", records.open);
    expect(units.write).toBe(5);
    const { items } = await queryTimeline(table, "c1", { limit: 5 });
    expect(items.map(({ properties }) => properties)).toEqual(
      ["Email Opened", "Email Delivered", "Email Sent"].map(() =>
        expect.objectContaining({ campaign, requestedAt: message.requestedAt }),
      ),
    );
  });

  test("carries a link whose token names the contact and the address", async () => {
    const { table, deps, mails } = await setup();
    await deliver(deps, message);
    const raw = Buffer.from(mails[0]?.raw ?? []).toString("latin1");
    const token = /List-Unsubscribe: <https:\/\/mail\.example\/u\/([^>]+)>/.exec(raw)?.[1] ?? "";
    expect(verifyToken(await loadTokenKeys(table), token)).toEqual({
      purpose: "unsubscribe",
      addressHash: addressHash("ann@example.com"),
      contactId: "c1",
      reference: message.messageKey,
    });
    expect(mails[0]?.to).toBe("Ann@example.com");
    for (const value of Object.values(mails[0]?.tags ?? {})) expect(value).toMatch(/^[A-Za-z0-9_-]{1,256}$/);
  });

  test("is sent once by ten workers at once", async () => {
    const { deps, mails } = await setup();
    await Promise.allSettled(Array.from({ length: 10 }, () => deliver(deps, message)));
    expect(mails).toHaveLength(1);
  });

  test("to a confirmation asks with the consent's current confirmation", async () => {
    const { table, deps, mails } = await setup();
    const pending = async () => ({ state: "pending", confirmationId: "conf-2" }) as const;
    const request = { ...message, messageKey: "confirm:conf-2", templateId: "confirm-subscription" };
    await deliver({ ...deps, readConsent: pending }, request);
    const raw = Buffer.from(mails[0]?.raw ?? [])
      .toString("latin1")
      .replaceAll("=\r\n", "");
    const token = /https:\/\/mail\.example\/c\/([\w.-]+)/.exec(raw)?.[1] ?? "";
    expect(verifyToken(await loadTokenKeys(table), token)).toMatchObject({ purpose: "confirm", reference: "conf-2" });
    expect(raw).not.toContain("List-Unsubscribe");
  });

  test("knows its own write when the SDK repeats it after a lost answer", async () => {
    const { table, deps, mails } = await setup();
    await ensureTokenKeys(table);
    let lost = 0;
    table.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === "PutItemCommand" && lost === 0) {
            lost++;
            await next(args);
          }
          return next(args);
        },
      { step: "finalizeRequest", priority: "low" },
    );
    expect(await deliver(deps, message)).toBe("sent");
    expect(lost).toBe(1);
    expect(mails).toHaveLength(1);
  });
});

describe("the keys of links", () => {
  test("are none before the first use, and one for all first users", async () => {
    const { table } = await setup();
    expect(await loadTokenKeys(table)).toEqual([]);
    const made = await Promise.all([ensureTokenKeys(table), ensureTokenKeys(table), ensureTokenKeys(table)]);
    expect(new Set(made.map(([first]) => first?.secret)).size).toBe(1);
    expect(await loadTokenKeys(table)).toEqual(made[0]);
  });

  test("are read once per process, and again after a failure", async () => {
    const { table } = await setup();
    const units = meter(table);
    const broken = keepTokenKeys({ ...table, name: "no-such-table" });
    await expect(broken()).rejects.toThrow();
    await expect(broken()).rejects.toThrow();
    const keys = keepTokenKeys(table);
    const [first] = await Promise.all([keys(), keys()]);
    expect(await keys()).toBe(first);
    expect(units).toEqual({ write: 1, read: 1 });
  });
});
