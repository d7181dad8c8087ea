import * as z from "zod/mini";
import { templateIdSchema } from "../../email/templates/stored.ts";
import { defineRoutes } from "../route.ts";

/** What a shop or a server asks for: a transactional mail by its template. */
export const messageInputSchema = z.strictObject({
  to: z.email().check(z.maxLength(254)),
  templateId: templateIdSchema,
  /** What the template merges: `data.*`, and `order`, `cart` and `event` where they are given. */
  data: z._default(z.record(z.string().check(z.maxLength(60)), z.unknown()), {}),
});

export const messageRoutes = defineRoutes([
  {
    operationId: "sendMessage",
    method: "POST",
    path: "/v1/messages",
    api: "public",
    function: "messages",
    tag: "Mail",
    summary: "Send a transactional mail by its template",
    description:
      "With an API key of the scope `messages` and an `Idempotency-Key` of at least 16 characters: the same key with the " +
      "same body is the same mail and gets the same answer; with another body it is a 422. The answer means that the " +
      "request is stored. A marketing template is refused; suppression is heeded when the mail is sent.",
    scopes: [],
    roles: [],
    security: "apiKey",
    headers: z.object({ "idempotency-key": z.string().check(z.regex(/^[\x21-\x7e]{16,255}$/)) }),
    body: messageInputSchema,
    mediaTypes: ["application/json"],
    responses: {
      202: { description: "Stored.", schema: z.object({ status: z.literal("accepted"), messageId: z.string() }) },
    },
  },
]);
