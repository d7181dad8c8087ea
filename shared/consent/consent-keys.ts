import type { Key } from "../table/item.ts";

/** The key of an address's consent to marketing mail. */
export function consentKey(addressHash: string): Key {
  return { pk: `ADDRESS#${addressHash}`, sk: "CONSENT#email#marketing" };
}
