import { beforeEach, describe, expect, test } from "vitest";
import { liveJourneys } from "../../../shared/journeys/journey-cache-store.ts";
import { publish, withDraft } from "../../../shared/journeys/journey-change-store.ts";
import { type JourneyStore, openJourneys } from "../../../shared/journeys/journey-store.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { journeyOf, start } from "./journeys.ts";

const stamp = { updatedAt: start, updatedBy: "test" };
const draftOf = (name: string) => {
  const { id: _id, version: _version, ...definition } = journeyOf({ name });
  return definition;
};

let store: JourneyStore;
beforeEach(async () => {
  store = openJourneys(await createTestTable(engine.url));
});

describe("journeys", () => {
  test("come with the product until staff store one under the id", async () => {
    expect((await store.heads()).map(({ id, state }) => [id, state])).toEqual([
      ["abandoned-cart", "published"],
      ["browse-abandonment", "draft"],
      ["cross-sell", "draft"],
      ["lead-nurture", "draft"],
      ["post-purchase", "published"],
      ["review-request", "draft"],
      ["welcome", "published"],
      ["win-back", "published"],
    ]);
    const head = await store.head("welcome");
    const mine = await store.putHead(withDraft(head, "welcome", draftOf("Mine"), stamp));
    expect(mine).toMatchObject({ revision: 1, state: "published", publishedVersion: 1 });
    await store.putHead(await publish(store, mine));
    expect((await store.version("welcome", 2))?.name).toBe("Mine");
    expect((await store.version("welcome", 1))?.name).toBe("Welcome");
  });

  test("that come as drafts have no version until they are published as they are, or changed", async () => {
    const head = await store.head("review-request");
    expect(head).toMatchObject({ state: "draft", publishedVersion: 0, hears: [] });
    expect(await store.version("review-request", 1)).toBeUndefined();
    if (head === undefined) throw new Error("no review-request");
    const published = await store.putHead(await publish(store, head));
    expect(published).toMatchObject({ state: "published", publishedVersion: 1, revision: 1 });
    expect(published.hears).toContain("Order Refunded");
    expect((await store.version("review-request", 1))?.name).toBe("Review request");
    expect((await store.heads()).filter(({ id }) => id === "review-request")).toEqual([published]);
    const lead = await store.putHead(
      withDraft(await store.head("lead-nurture"), "lead-nurture", draftOf("Mine"), stamp),
    );
    await store.putHead(await publish(store, lead));
    expect((await store.version("lead-nurture", 1))?.name).toBe("Mine");
  });

  test("are written by one of two who read the same revision", async () => {
    const head = await store.putHead(withDraft(undefined, "own", draftOf("One"), stamp));
    await store.putHead(withDraft(head, "own", draftOf("Two"), stamp));
    await expect(store.putHead(withDraft(head, "own", draftOf("Three"), stamp))).rejects.toMatchObject({
      code: "version_conflict",
    });
    await expect(store.putHead(withDraft(undefined, "own", draftOf("Four"), stamp))).rejects.toMatchObject({
      code: "version_conflict",
    });
    expect((await store.head("own"))?.draft?.name).toBe("Two");
  });

  test("keep a version's text, whoever tried to publish an older draft at the same time", async () => {
    const old = await store.putHead(withDraft(undefined, "own", draftOf("Old"), stamp));
    const current = await store.putHead(withDraft(old, "own", draftOf("New"), stamp));
    const published = await publish(store, current);
    await expect(publish(store, old)).rejects.toMatchObject({ code: "version_conflict" });
    await store.putHead(published);
    expect((await store.version("own", 1))?.name).toBe("New");
  });

  test("of an attempt that crashed between version and head are published by the next one", async () => {
    const head = await store.putHead(withDraft(undefined, "own", draftOf("First"), stamp));
    await publish(store, head);
    const edited = await store.putHead(withDraft(head, "own", draftOf("Second"), stamp));
    await store.putHead(await publish(store, edited));
    expect([(await store.head("own"))?.publishedVersion, (await store.version("own", 1))?.name]).toEqual([1, "Second"]);
  });

  test("without a draft have nothing to publish", async () => {
    const head = await store.head("welcome");
    if (head === undefined) throw new Error("no head");
    await expect(publish(store, head)).rejects.toMatchObject({ code: "invalid_input" });
  });
});

test("heads are read once for a whole batch, and again two seconds later or after a failure", async () => {
  let reads = 0;
  let fails = false;
  let now = Date.parse(start);
  const counting = {
    ...store,
    heads: async () => {
      reads++;
      if (fails) throw new Error("throttled");
      return [];
    },
  };
  const live = liveJourneys(counting, () => new Date(now));
  await Promise.all([live.heads(), live.heads(), live.heads()]);
  expect(reads).toBe(1);
  now += 2_000;
  fails = true;
  await expect(live.heads()).rejects.toThrow("throttled");
  fails = false;
  await live.heads();
  expect(reads).toBe(3);
});
