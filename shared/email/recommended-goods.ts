import type { BasketProduct } from "../recommendations/basket.ts";
import { mentions, type Template } from "./templates/template.ts";

/**
 * What a mail merges, with recommendations for a template that shows them and was given none. Where there are none, none
 * are named: the template leaves its part out, or the mail is skipped for the missing value.
 *
 * @param find is asked only if the template shows any
 */
export async function withRecommendations(
  template: Template,
  data: Readonly<Record<string, unknown>>,
  find: () => Promise<readonly BasketProduct[]>,
): Promise<Readonly<Record<string, unknown>>> {
  if ("recommendations" in data || !mentions(template, "recommendations")) return data;
  const recommendations = await find();
  return recommendations.length === 0 ? data : { ...data, recommendations };
}
