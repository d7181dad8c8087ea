import { isErased } from "../../shared/contacts/contact-store.ts";
import { putDue } from "../../shared/due/due-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTable } from "../../shared/table/client.ts";
import { createCall } from "../../shared/webhooks/call.ts";
import { type DeliveryDependencies, deliverWebhook } from "../../shared/webhooks/delivery.ts";
import { endpointGone, getEndpoint, readEndpointSecrets } from "../../shared/webhooks/endpoint-store.ts";
import { putDelivered, putFailure } from "../../shared/webhooks/failure-store.ts";
import { webhookMessageSchema } from "../../shared/webhooks/webhook.ts";
import { dynamoDbClient, secretsManagerClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments["webhooks-out"]);
const logger = createLogger("webhooks-out", environment.LOG_LEVEL);
const table = openTable(environment.TABLE_NAME, dynamoDbClient());
const secrets = { client: secretsManagerClient(), path: environment.WEBHOOK_SECRETS };
const now = () => new Date();
const deps: DeliveryDependencies = {
  readEndpoint: (id) => getEndpoint(table, id),
  readSecrets: (id) => readEndpointSecrets(secrets, id),
  isErased: (contactId) => isErased(table, contactId),
  call: createCall({ localReceivers: environment.LOCAL_SHOPS === "yes" }),
  endpointGone: (endpoint) => endpointGone(table, endpoint),
  putDue: (due) => putDue(table, due),
  failed: (message, reason) => putFailure(table, message, reason, now()),
  delivered: (message) => putDelivered(table, message, now()),
  now,
};

export const handler = queueHandler(logger, webhookMessageSchema, async (message) => {
  const outcome = await deliverWebhook(deps, message);
  const { id, type, endpointId, tries } = message;
  logger.info("webhook", { outcome, id, type, endpointId, tries });
});
