import * as z from "zod/mini";
import { partnerSchema } from "../../recommendations/bought-together.ts";
import { defineRoutes } from "../route.ts";
import { staffReads } from "./staff-access.ts";

export const recommendationRoutes = defineRoutes([
  {
    ...staffReads,
    tag: "Results",
    operationId: "listRecommendations",
    method: "GET",
    path: "/v1/recommendations",
    summary: "What is bought together with a product, or what is bought most",
    description:
      "With `product` (the shop's id of it, else its stock-keeping unit) what goes with it, best first: `together` counts the " +
      "orders of the last 365 days with both, `lift` says how many times more often than by chance. Without it the best " +
      "sellers, `together` counting their orders. Counted anew every night.",
    query: z.strictObject({ product: z.optional(z.string().check(z.minLength(1), z.maxLength(200))) }),
    responses: {
      200: {
        description: "The products; none when too few orders tell.",
        schema: z.object({ items: z.array(partnerSchema), nextCursor: z.null() }),
      },
    },
  },
]);
