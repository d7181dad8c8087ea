import * as z from "zod/mini";
import { type Connector, type Delivery, textSchema } from "./connector.ts";
import { hmacOf, sameText } from "./signature.ts";
import { mapStripeEvent } from "./stripe-events.ts";

const windowSeconds = 300;

const eventSchema = z.looseObject({ id: textSchema, type: textSchema });

/** `t=1700000000,v1=…,v1=…`: the time is signed with the body, so an old delivery cannot be sent again. */
function verify({ headers, rawBody }: Delivery, secrets: readonly string[], now: Date): boolean {
  const parts = (headers["stripe-signature"] ?? "").split(",").map((part) => part.trim().split("=", 2));
  const time = parts.find(([name]) => name === "t")?.[1] ?? "";
  if (!/^\d{1,12}$/.test(time)) return false;
  const signed = Buffer.concat([Buffer.from(`${time}.`), rawBody]);
  const given = parts.filter(([name]) => name === "v1").map(([, value]) => value ?? "");
  const right = secrets
    .map((secret) => hmacOf(secret, signed, "hex"))
    .flatMap((expected) => given.map((signature) => sameText(signature, expected)))
    .includes(true);
  return right && Math.abs(now.getTime() / 1000 - Number(time)) <= windowSeconds;
}

/** Stripe: https://docs.stripe.com/webhooks */
export const stripe: Connector = {
  title: "Stripe",
  verify,
  deliveryId: (_, body) => eventSchema.safeParse(body).data?.id,
  topic: (_, body) => eventSchema.safeParse(body).data?.type,
  map: mapStripeEvent,
};
