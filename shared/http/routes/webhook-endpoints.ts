import * as z from "zod/mini";
import { endpointRequestSchema, endpointSchema } from "../../webhooks/endpoint.ts";
import { endpointIdSchema } from "../../webhooks/endpoint-id.ts";
import { defineRoutes } from "../route.ts";

const staff = { api: "staff", function: "staff", tag: "Webhook endpoints", security: "jwt" } as const;
const reads = { ...staff, scopes: ["rapport/read"], roles: ["admin", "manager", "marketer"] } as const;

/** Where journeys tell other systems of a contact. */
export const webhookEndpointRoutes = defineRoutes([
  {
    ...reads,
    operationId: "listWebhookEndpoints",
    method: "GET",
    path: "/v1/webhook-endpoints",
    summary: "Where we send webhooks",
    responses: {
      200: {
        description: "All endpoints. One that answered 410 is `gone` and gets nothing.",
        schema: z.object({ items: z.array(endpointSchema), nextCursor: z.null() }),
      },
    },
  },
  {
    ...reads,
    operationId: "getWebhookEndpoint",
    method: "GET",
    path: "/v1/webhook-endpoints/{id}",
    summary: "A webhook endpoint",
    params: z.object({ id: endpointIdSchema }),
    responses: { 200: { description: "The endpoint, without its secret.", schema: endpointSchema } },
  },
  {
    ...staff,
    operationId: "putWebhookEndpoint",
    method: "PUT",
    path: "/v1/webhook-endpoints/{id}",
    scopes: ["rapport/admin"],
    roles: ["admin"],
    summary: "Make a webhook endpoint, change it, or give it a new secret",
    description:
      "Calls are signed as Standard Webhooks says. The secret is kept in Secrets Manager and never shown again. While it " +
      "is exchanged, for `oldSecretHours` (24 unless told), calls carry the signatures of both. The address is HTTPS on " +
      "the public network; it is looked at again with each call.",
    params: z.object({ id: endpointIdSchema }),
    body: endpointRequestSchema,
    responses: { 200: { description: "The endpoint, without its secret.", schema: endpointSchema } },
  },
]);
