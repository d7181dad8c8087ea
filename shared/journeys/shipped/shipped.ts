import { type JourneyInput, journeyDefinitionSchema } from "../definition.ts";
import type { ShippedJourney } from "../journey.ts";
import { abandonedCart } from "./abandoned-cart.ts";
import { browseAbandonment } from "./browse-abandonment.ts";
import { crossSell } from "./cross-sell.ts";
import { leadNurture } from "./lead-nurture.ts";
import { postPurchase } from "./post-purchase.ts";
import { reviewRequest } from "./review-request.ts";
import { welcome } from "./welcome.ts";
import { winBack } from "./win-back.ts";

/**
 * The journeys that come with the product, each as it is here until staff store one under its id. Those that an account
 * might not expect come as drafts, and do nothing until they are published.
 */
export const shippedJourneys: readonly ShippedJourney[] = [
  shipped("welcome", "published", welcome),
  shipped("abandoned-cart", "published", abandonedCart),
  shipped("win-back", "published", winBack),
  shipped("post-purchase", "published", postPurchase),
  shipped("lead-nurture", "draft", leadNurture),
  shipped("browse-abandonment", "draft", browseAbandonment),
  shipped("review-request", "draft", reviewRequest),
  shipped("cross-sell", "draft", crossSell),
];

function shipped(id: string, state: ShippedJourney["state"], definition: JourneyInput): ShippedJourney {
  return { id, state, definition: journeyDefinitionSchema.parse(definition) };
}
