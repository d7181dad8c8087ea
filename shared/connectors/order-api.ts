import type { Mapped } from "./connector.ts";

/** Which orders are asked for: those made at or after `from`, changed at or after `changedFrom`, made before `until`. ISO 8601 UTC. */
export interface OrderRange {
  readonly from?: string | undefined;
  readonly changedFrom?: string | undefined;
  readonly until?: string | undefined;
}

/** An order as the shop's API tells it. */
export interface ShopOrder {
  readonly id: string;
  readonly body: unknown;
}

export interface OrderPage {
  readonly orders: readonly ShopOrder[];
  /** The place after which the next page begins; undefined after the last one. */
  readonly next: string | undefined;
}

/** The API of a shop from which its orders are read, page by page and oldest first. Pure: it speaks to nobody. */
export interface OrderApi {
  /** Where it is spoken to, for people. */
  readonly addressHint: string;
  /** Whether shops of this kind are found at a host. */
  isHost(host: string): boolean;
  /** How its key looks, for people. */
  readonly keyHint: string;
  isKey(key: string): boolean;
  /** The headers that carry the key. */
  headers(key: string): Readonly<Record<string, string>>;
  /**
   * Path and query of a page.
   * @param after the place that the page before it told; undefined for the first page
   */
  pagePath(range: OrderRange, after: string | undefined): string;
  /**
   * What the answer says.
   * @throws ZodError for an answer that is not as the shop documents it, RangeError for one that leads nowhere.
   */
  readPage(answer: unknown, after: string | undefined): OrderPage;
  /** What an order says, with all that was done to it since; undefined while it is none (not paid, say). */
  map(order: unknown): Mapped | undefined;
}
