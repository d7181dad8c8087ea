import type { Handlers } from "../http/router.ts";
import type { recommendationRoutes } from "../http/routes/recommendations.ts";
import type { Table } from "../table/client.ts";
import { readPartners } from "./recommendation-store.ts";

/** The staff API's handlers of what is bought together. */
export function recommendationHandlers({ table }: { readonly table: Table }): Handlers<typeof recommendationRoutes> {
  return {
    async listRecommendations({ query: { product } }) {
      const [items = []] = await readPartners(table, product === undefined ? [] : [product]);
      return { status: 200, body: { items: [...items], nextCursor: null } };
    },
  };
}
