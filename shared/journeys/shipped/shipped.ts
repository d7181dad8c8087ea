import { type JourneyInput, journeyDefinitionSchema } from "../definition.ts";
import type { ShippedJourney } from "../journey.ts";
import { abandonedCart } from "./abandoned-cart.ts";
import { postPurchase } from "./post-purchase.ts";
import { welcome } from "./welcome.ts";
import { winBack } from "./win-back.ts";

/** The journeys that come with the product, each used until staff store one under its id. */
export const shippedJourneys: readonly ShippedJourney[] = [
  shipped("welcome", welcome),
  shipped("abandoned-cart", abandonedCart),
  shipped("win-back", winBack),
  shipped("post-purchase", postPurchase),
];

function shipped(id: string, definition: JourneyInput): ShippedJourney {
  return { id, definition: journeyDefinitionSchema.parse(definition) };
}
