import { abandonedCart } from "./abandoned-cart.ts";
import { postPurchase, winBack } from "./after-orders.ts";
import { confirmSubscription } from "./confirm-subscription.ts";
import { crossSell } from "./cross-sell.ts";
import { formAcknowledgement } from "./form-acknowledgement.ts";
import { surveyRequests } from "./survey-request.ts";
import type { Template } from "./template.ts";
import { templatesToPublish } from "./to-publish.ts";
import { welcome } from "./welcome.ts";
import { welcomeSeries } from "./welcome-series.ts";

/** Every template that comes with Rapport, by id; a stored one of the same id takes its place. */
export const templates: ReadonlyMap<string, Template> = new Map(
  [
    formAcknowledgement,
    confirmSubscription,
    welcome,
    ...welcomeSeries,
    ...abandonedCart,
    ...winBack,
    postPurchase,
    ...templatesToPublish,
    crossSell,
    ...surveyRequests,
  ].map((template) => [template.id, template]),
);

/**
 * The template of an id.
 *
 * @throws Error for an unknown one: the request waits in the dead-letter queue until the template exists.
 */
export function templateOf(id: string): Template {
  const template = templates.get(id);
  if (template === undefined) throw new Error(`There is no mail template "${id}".`);
  return template;
}
