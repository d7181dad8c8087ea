import { digestOf } from "../table/hash.ts";
import type { Key } from "../table/item.ts";

/** The key of an intake item. */
export function intakeKey(intakeId: string): Key {
  return { pk: `INTAKE#${intakeId}`, sk: "INTAKE" };
}

/** The id in an intake item's partition key. */
export function intakeIdIn(pk: string): string {
  return pk.slice("INTAKE#".length);
}

/** The id of what arrived: the same idempotency key in the same scope is the same thing. */
export function intakeIdOf(scope: readonly string[], idempotencyKey: string): string {
  return digestOf([...scope, idempotencyKey]);
}

/** The key of one window of one sender's counter. */
export function rateKey(formId: string, senderHash: string, windowStart: string): Key {
  return { pk: `RATE#${formId}#${senderHash}`, sk: windowStart };
}

/** Where the index lists what arrived for somebody who had been erased. */
export function latePk(contactId: string): string {
  return `LATE#${contactId}`;
}
