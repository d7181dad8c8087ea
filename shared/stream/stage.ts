import type { Item, ItemKind } from "../table/item.ts";

/** One change of one item, as the stream told it; on a retry only the item itself is known. */
export interface Change {
  readonly item: Item;
  /**
   * The image before the change. Undefined on an insert and on a retry: a stage must be right without it, or say in
   * `remembers` what of it a retry must carry.
   */
  readonly previous: Item | undefined;
  /** What stages before have found out about the item: attributes that it has for all stages after, and not in the table. */
  readonly found?: Found | undefined;
}

export type Found = Readonly<Record<string, string>>;

/**
 * What follows from a write. A stage does one idempotent conditional write, or sends messages whose handling is
 * idempotent; it never relies on the order of changes of different items, and may run any number of times.
 */
export interface Stage {
  /** Stable: messages in the retry queue carry it. */
  readonly name: string;
  readonly kind: ItemKind;
  /** Attributes of the previous image without which a retry would be wrong. Never personal data. */
  readonly remembers?: readonly string[];
  /** False spares the work when the change cannot concern the stage. */
  wants(change: Change): boolean;
  /** @returns what the stages after this one need to know and nothing can change: it is never personal data. */
  run(change: Change): Promise<void> | Promise<Found | undefined>;
}
