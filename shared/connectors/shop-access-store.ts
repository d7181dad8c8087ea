import type { Table } from "../table/client.ts";
import { connectors } from "./connectors.ts";
import type { OrderApi } from "./order-api.ts";
import type { AskShop } from "./shop-client.ts";
import { ShopRefusal } from "./shop-error.ts";
import type { Source, SourceSecrets } from "./source.ts";
import { getSource } from "./source-store.ts";

export interface ShopDependencies {
  readonly table: Table;
  readonly ask: AskShop;
  readonly secrets: (source: string) => Promise<SourceSecrets | undefined>;
}

/** A connected shop that we may ask. */
export interface Shop {
  readonly source: Source;
  readonly api: OrderApi;
  /** @param path from the shop's own address on; with a body it is a POST */
  ask(path: string, body?: unknown): Promise<unknown>;
}

/**
 * Opens the API of a connected shop.
 *
 * @throws ShopRefusal when it is disconnected or was never given a key
 */
export async function openShop({ table, ask, secrets }: ShopDependencies, name: string): Promise<Shop> {
  const source = await getSource(table, name);
  const api = source && connectors[source.connector].api;
  const apiKey = (await secrets(name))?.apiKey;
  if (source?.address === undefined || api === undefined || apiKey === undefined || !source.connected) {
    throw new ShopRefusal("The shop is not connected for reading: give its address and key (PUT /v1/sources/…).");
  }
  const { address } = source;
  return {
    source,
    api,
    ask: (path, body) => ask({ url: `${address}${path}`, headers: api.headers(apiKey), body }),
  };
}
