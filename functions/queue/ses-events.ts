import * as z from "zod/mini";
import { isErased } from "../../shared/contacts/contact-store.ts";
import { recordFeedback } from "../../shared/email/feedback.ts";
import { openLedger } from "../../shared/email/ledger-store.ts";
import { parseSesEvent } from "../../shared/email/ses-event.ts";
import type { Event } from "../../shared/events/event.ts";
import { putEvent } from "../../shared/events/event-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { openTableGathering } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments["ses-events"]);
const logger = createLogger("ses-events", environment.LOG_LEVEL);
const table = openTableGathering(environment.TABLE_NAME, dynamoDbClient());
const deps = {
  ledger: openLedger(table),
  putEvent: (event: Event) => putEvent(table, event),
  isErased: (contactId: string) => isErased(table, contactId),
  now: () => new Date(),
};

export const handler = queueHandler(logger, z.unknown(), async (body) => {
  const fact = parseSesEvent(body);
  const feedback = await recordFeedback(deps, fact);
  if (feedback === "erased") logger.info("an event of a mail to somebody erased", { sesMessageId: fact.sesMessageId });
  if (feedback === "foreign") logger.warn("an event of a mail that is not ours", { sesMessageId: fact.sesMessageId });
});
