import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { secretCache } from "../../../shared/connectors/secret-cache.ts";
import { hmacOf } from "../../../shared/connectors/signature.ts";
import { type SourceSecrets, sourceRequestSchema, withNewSecret } from "../../../shared/connectors/source.ts";
import { getSource, putSource } from "../../../shared/connectors/source-store.ts";
import { webhookHandlers } from "../../../shared/connectors/webhook-handlers.ts";
import { createRouter } from "../../../shared/http/router.ts";
import { webhookRoutes } from "../../../shared/http/routes/webhooks.ts";
import type { Table } from "../../../shared/table/client.ts";
import { itemsOf } from "../../support/table-contents.ts";
import { postEvent } from "../intake/door.ts";

export const noon = new Date("2026-03-05T12:00:00.000Z");

/** The door for webhooks over a real table, with three shops, and secrets and a clock that the test holds. */
export async function openWebhookDoor(table: Table) {
  const clock = { now: noon };
  const faults: unknown[] = [];
  const unreadable: (readonly string[])[] = [];
  const kept = new Map<string, SourceSecrets>();
  const giveSecret = (source: string, connector: string, secret: string) => {
    const request = sourceRequestSchema.parse({ connector, secret });
    kept.set(source, withNewSecret(kept.get(source), request, clock.now));
  };
  for (const connector of ["shopify", "woocommerce", "stripe"] as const) {
    const source = `my-${connector}`;
    await putSource(table, { source, connector, connected: true, connectedAt: noon.toISOString() });
    giveSecret(source, connector, "first-secret");
  }
  const handlers = webhookHandlers({
    table,
    now: () => clock.now,
    source: (name) => getSource(table, name),
    secrets: secretCache(
      async (source) => kept.get(source),
      () => clock.now,
    ),
    onUnreadable: (_source, _topic, problems) => unreadable.push(problems),
  });
  const route = createRouter({ routes: webhookRoutes, handlers, onFault: (error) => faults.push(error) });

  async function post(connector: string, source: string, rawBody: Buffer, headers: Readonly<Record<string, string>>) {
    const event: APIGatewayProxyEventV2 = {
      ...postEvent({ routeKey: "POST /v1/webhooks/{connector}/{source}", body: rawBody, headers }),
      pathParameters: { connector, source },
    };
    const { statusCode, body } = await route(event);
    return { status: statusCode, body: JSON.parse(body ?? "{}") };
  }

  return {
    clock,
    faults,
    unreadable,
    giveSecret,
    post,
    shopify: (topic: string, rawBody: Buffer, id = "d-1", secret = "first-secret") =>
      post("shopify", "my-shopify", rawBody, {
        "x-shopify-topic": topic,
        "x-shopify-webhook-id": id,
        "x-shopify-hmac-sha256": hmacOf(secret, rawBody, "base64"),
      }),
    woocommerce: (body: unknown, id: string) => {
      const rawBody = Buffer.from(JSON.stringify(body));
      return post("woocommerce", "my-woocommerce", rawBody, {
        "x-wc-webhook-topic": "order.updated",
        "x-wc-webhook-delivery-id": id,
        "x-wc-webhook-signature": hmacOf("first-secret", rawBody, "base64"),
      });
    },
    stripe: (body: unknown, at = clock.now) => {
      const rawBody = Buffer.from(JSON.stringify(body));
      const time = Math.floor(at.getTime() / 1000);
      const v1 = hmacOf("first-secret", `${time}.${rawBody}`, "hex");
      return post("stripe", "my-stripe", rawBody, { "stripe-signature": `t=${time},v1=${v1}` });
    },
    stored: () => itemsOf(table, "intake"),
  };
}
