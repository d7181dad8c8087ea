/** A call of the shop's API, from its address on; with a body it is a POST. */
export interface ShopCall {
  readonly path: string;
  readonly body?: unknown;
}

/** What a shop knows of a person's consent to its marketing mail. */
export interface ShopConsent {
  readonly customerId: string;
  readonly subscribed: boolean;
  /** Since when, ISO 8601 UTC. */
  readonly at: string | undefined;
}

/** The API of a shop that keeps consents. Pure: it speaks to nobody. */
export interface ConsentApi {
  find(address: string): ShopCall;
  /**
   * @returns undefined when the shop does not know the address.
   * @throws ShopBusy or ShopRefusal for an answer that is an error.
   */
  readFound(answer: unknown): ShopConsent | undefined;
  withdraw(customerId: string, at: string): ShopCall;
  /** @throws ShopBusy or ShopRefusal when it was not withdrawn. */
  readWithdrawn(answer: unknown): void;
}
