import { confirmSubscription } from "./confirm-subscription.ts";
import { formAcknowledgement } from "./form-acknowledgement.ts";
import type { Template } from "./template.ts";
import { welcome } from "./welcome.ts";

/** Every template, by id. */
export const templates: ReadonlyMap<string, Template> = new Map(
  [formAcknowledgement, confirmSubscription, welcome].map((template) => [template.id, template]),
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
