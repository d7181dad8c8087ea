import { PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import { eventSchema } from "../events/event.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { type Basket, basketOf, basketPartition, basketSchema, basketShards } from "./basket.ts";

/** Keeps the products of every order, for what is bought together. */
export function basketStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "basket",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && item.name === "Order Completed",
    async run({ item }) {
      const basket = basketOf(eventSchema.parse(item));
      if (basket !== undefined) await table.client.send(new PutCommand({ TableName: table.name, Item: basket }));
    },
  };
}

/** The baskets of the days up to `now`, in no order. */
export async function* readBaskets(table: Table, now: Date, days: number): AsyncGenerator<Basket> {
  const from = new Date(now.getTime() - days * 86_400_000);
  for (const month of monthsOf(from, now)) {
    for (let shard = 0; shard < basketShards; shard++) {
      const pages = paginateQuery(
        { client: table.client },
        {
          TableName: table.name,
          KeyConditionExpression: "pk = :pk AND sk >= :from",
          ExpressionAttributeValues: { ":pk": basketPartition(month, shard), ":from": from.toISOString() },
        },
      );
      for await (const page of pages) for (const item of page.Items ?? []) yield basketSchema.parse(item);
    }
  }
}

/** Every UTC month from one instant to another, `2026-03` and so on. */
export function monthsOf(from: Date, to: Date): readonly string[] {
  const months: string[] = [];
  for (
    let month = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth()));
    month <= to;
    month = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1))
  ) {
    months.push(month.toISOString().slice(0, 7));
  }
  return months;
}
