import { beforeEach, describe, expect, it } from "vitest";
import type { Table } from "../../../shared/table/client.ts";
import { crashing } from "../../support/crashing.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { company, mia } from "./support.ts";

let table: Table;
let ours: ReturnType<typeof company>;
beforeEach(async () => {
  table = await createTestTable(engine.url);
  ours = company(table);
  ours.clock.at = "2026-11-16T12:00:00.000Z";
});

const subjects = () => ours.mails.map(({ content }) => content?.subject).sort();

describe("the reminder of an action", () => {
  it("goes once to its owner on the day, and to nobody whose action is closed", async () => {
    await ours.promise({ what: "Ask\nthe courier" });
    await ours.change(await ours.promise({ what: "done" }), { state: "done" });
    await ours.change(await ours.promise({ what: "dropped" }), { state: "dropped" });
    await ours.promise({ what: "later", dueOn: "2026-11-21" });
    const asked = [];
    // 23:59, 5:59 and 6:00 in Berlin
    for (const at of ["19T22:59", "20T04:59", "20T05:00", "20T06:00"]) {
      ours.clock.at = `2026-11-${at}:00.000Z`;
      asked.push((await ours.follow()).reminders);
    }
    expect(asked).toEqual([0, 0, 1, 0]);
    const [mail] = ours.mails;
    expect(mail).toMatchObject({ owner: { staff: mia }, content: { subject: "Due today: Ask the courier" } });
    expect(mail?.messageKey).toMatch(/^action-theme\.delivery\.[0-9a-f]{20}-2026-11-20$/);
    expect(mail?.content?.text).toContain("From the theme delivery, month of 2026-10-01.");
  });

  it("escapes what people wrote", async () => {
    await ours.promise({ what: "<b>x</b>", notes: "<i>" });
    ours.clock.at = "2026-11-20T09:00:00.000Z";
    await ours.follow();
    expect(ours.mails[0]?.content?.html).not.toMatch(/<b>x|<i>/);
  });

  it("comes the next morning for what was promised too late for its day, and after a pause", async () => {
    await ours.follow();
    await ours.promise({ what: "today's", dueOn: "2026-11-16" });
    await ours.promise({ what: "in the pause" });
    ours.clock.at = "2026-11-22T09:00:00.000Z";
    await ours.follow();
    expect(subjects()).toEqual(["Was due on 2026-11-16: today's", "Was due on 2026-11-20: in the pause"]);
  });

  it("is asked for under one key, whatever call crashes", async () => {
    await ours.promise({});
    ours.clock.at = "2026-11-20T09:00:00.000Z";
    for (let nth = 1; nth <= 12; nth++) {
      for (const after of [false, true]) await ours.follow(crashing(table, { nth, after })).catch(() => undefined);
    }
    await ours.follow();
    expect(new Set(ours.mails.map(({ messageKey }) => messageKey)).size).toBe(1);
    const asked = ours.mails.length;
    expect(asked).toBeGreaterThan(1);
    await ours.follow();
    expect(ours.mails).toHaveLength(asked);
  });
});
