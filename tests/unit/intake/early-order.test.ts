import { beforeEach, expect, it } from "vitest";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";
import { openDoor, problemOf } from "./door.ts";

let door: Awaited<ReturnType<typeof openDoor>>;
beforeEach(async () => {
  door = await openDoor(await createTestTable(engine.url));
});

const orderAt = (timestamp: string) => ({
  type: "track",
  event: "Order Completed",
  messageId: "m-1",
  timestamp,
  properties: { order_id: "1001", currency: "EUR", revenue: 49.99, email: "buyer@example.com" },
});

// An instant before the year 0 is written otherwise: its event could be stored, and never be read again.
it.each(["0000-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z"])(
  "an order of %s is refused, and nothing is stored",
  async (timestamp) => {
    const result = await door.track(orderAt(timestamp));
    expect([result.statusCode, problemOf(result).errors]).toEqual([
      422,
      [expect.objectContaining({ pointer: "/timestamp", code: "too_early" })],
    ]);
    expect(await door.stored()).toEqual([]);
  },
);

it("an order of a clock that was never set is taken", async () => {
  expect((await door.track(orderAt("1970-01-01T00:00:00Z"))).statusCode).toBe(202);
});
