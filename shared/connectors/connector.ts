import * as z from "zod/mini";
import type { PrivacyPayload } from "../intake/intake.ts";
import type { ConsentApi } from "./consent-api.ts";
import type { OrderApi } from "./order-api.ts";
import type { ProductFact } from "./product.ts";

/** A webhook as it arrived: header names in lower case, the body's bytes untouched. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
}

/** Where a call's facts come from and whose they are. Beyond the Segment spec only `email` of the traits is relied upon. */
interface Teller {
  /** ISO 8601. Without it: when it was received. */
  readonly timestamp?: string | undefined;
  /** The person's id in the shop; absent for guests. */
  readonly userId?: string | undefined;
}

/** A `track` call of the Segment spec. Amounts are decimal texts such as `"19.99"`. */
export interface TrackCall extends Teller {
  readonly type: "track";
  readonly event: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly context: { readonly traits: Traits };
}

/** An `identify` call of the Segment spec. */
export interface IdentifyCall extends Teller {
  readonly type: "identify";
  readonly traits: Traits;
}

export type Call = TrackCall | IdentifyCall;

/** What a sender says of a person; what is unknown is absent. */
export interface Traits {
  readonly email?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly phone?: string | undefined;
  readonly company?: string | undefined;
  readonly city?: string | undefined;
  readonly country?: string | undefined;
}

/** What a delivery says in our vocabulary. */
export interface Mapped {
  readonly calls: readonly Call[];
  /** What the shop's catalogue says of products, which orders do not say. */
  readonly products?: readonly ProductFact[];
  /** A right that the law gives to a customer, or to all of them, and that the shop passes on. */
  readonly privacy?: Omit<PrivacyPayload, "source">;
  /** The shop has removed the app: nothing more will come. */
  readonly disconnected?: true;
}

/** A sender of webhooks: how its signature is checked, and what its payloads say in the vocabulary of the Segment spec. */
export interface Connector {
  /** Who the sender is, for people. */
  readonly title: string;
  /** How its orders are read, for those who sell. */
  readonly api?: OrderApi;
  /** How withdrawals are told to it, for those who keep consents. */
  readonly consents?: ConsentApi;
  /**
   * Whether one of the secrets signed the raw body, within the sender's replay window where it has one.
   * @param secrets the new one and, while it is being exchanged, the old one
   */
  verify(delivery: Delivery, secrets: readonly string[], now: Date): boolean;
  /** What the sender sends unsigned to see whether we are there; it is answered and means nothing. */
  isPing?(delivery: Delivery): boolean;
  /** Names the delivery: the same id is the same delivery, whenever it comes again. Undefined: it has none. */
  deliveryId(delivery: Delivery, body: unknown): string | undefined;
  /** What happened, in the sender's word: `orders/create`. */
  topic(delivery: Delivery, body: unknown): string | undefined;
  /**
   * What the body says.
   *
   * @returns undefined for a topic that says nothing to us.
   * @throws ZodError for a body that is not as the sender documents it.
   */
  map(body: unknown, topic: string): Mapped | undefined;
}

/** A sender's own id: text, since it outgrows what a JSON number holds exactly. `0` and nothing are no id. */
export const idSchema = z.pipe(
  z.nullish(z.union([z.string(), z.number()])),
  z.transform((id) => (id === null || id === undefined || id === 0 || id === "" ? undefined : String(id))),
);

/** A text that may be missing, null or blank: all of them read as absent. */
export const textSchema = z.pipe(
  z.nullish(z.unknown()),
  z.transform((value) => (typeof value === "string" && value.trim() !== "" ? value.trim() : undefined)),
);

/** A list that may be missing or null. */
export function listOf<Schema extends z.ZodMiniType>(member: Schema) {
  return z.pipe(
    z.nullish(z.array(member)),
    z.transform((list) => list ?? []),
  );
}
