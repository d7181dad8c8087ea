import { SESClient } from "@aws-sdk/client-ses";
import { readConsent } from "../../shared/consent/consent-store.ts";
import { putDue } from "../../shared/due/due-store.ts";
import { openCaps } from "../../shared/email/cap-store.ts";
import { createCompose } from "../../shared/email/compose.ts";
import { deliver } from "../../shared/email/delivery.ts";
import { paceByDomain } from "../../shared/email/domain-pace.ts";
import { claimDomainRate } from "../../shared/email/domain-rate-store.ts";
import { readGateFrom } from "../../shared/email/gate-store.ts";
import { openLedger } from "../../shared/email/ledger-store.ts";
import { mailMessageSchema } from "../../shared/email/mail-message.ts";
import { createPace } from "../../shared/email/pace.ts";
import { claimRate } from "../../shared/email/rate-store.ts";
import { readRecipientFrom } from "../../shared/email/recipient-store.ts";
import { sendingRulesOf } from "../../shared/email/sending-rules.ts";
import { sendBySes } from "../../shared/email/ses-sender.ts";
import { readSuppression } from "../../shared/email/suppression-store.ts";
import { createTemplateSource } from "../../shared/email/templates/template-store.ts";
import { keepTokenKeys } from "../../shared/email/token-key-store.ts";
import { recommendFrom } from "../../shared/recommendations/recommend-store.ts";
import { readEnvironment } from "../../shared/runtime/environment.ts";
import { environments } from "../../shared/runtime/environments.ts";
import { marketingStopped } from "../../shared/runtime/metric-names.ts";
import { createSurveySource } from "../../shared/surveys/survey-store.ts";
import { openTableGathering } from "../../shared/table/client.ts";
import { dynamoDbClient } from "../runtime/clients.ts";
import { createCounter } from "../runtime/counter.ts";
import { createLogger } from "../runtime/logger.ts";
import { queueHandler } from "../runtime/queue.ts";

const environment = readEnvironment(environments.mail);
const logger = createLogger("mail", environment.LOG_LEVEL);
const count = createCounter();
const table = openTableGathering(environment.TABLE_NAME, dynamoDbClient());
// One attempt: SES knows no idempotency token, so the SDK must not call it twice.
const ses = new SESClient({ maxAttempts: 1, requestHandler: { connectionTimeout: 2_000, requestTimeout: 15_000 } });

const house = {
  sender: environment.SENDER,
  publicUrl: environment.PUBLIC_URL.replace(/\/+$/, ""),
  publicName: environment.PUBLIC_NAME,
  postalAddress: environment.POSTAL_ADDRESS,
};

const limits = { perSecond: environment.SES_PER_SECOND, perDay: environment.SES_PER_DAY };

const deps = {
  ledger: openLedger(table),
  readRecipient: readRecipientFrom(table),
  readConsent: (addressHash: string) => readConsent(table, addressHash),
  readSuppression: (addressHash: string) => readSuppression(table, addressHash),
  readGate: readGateFrom(table),
  templateOf: createTemplateSource(table, () => new Date()),
  caps: openCaps(table),
  rules: sendingRulesOf(environment),
  recommend: recommendFrom(table),
  pace: paceByDomain(
    {
      bounds: environment.MARKETING_PER_MINUTE,
      claim: (domain, wish) => claimDomainRate(table, domain, wish, () => new Date()),
      now: () => new Date(),
    },
    createPace({
      limits,
      claim: (wish) => claimRate(table, wish, () => new Date()),
      now: () => new Date(),
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      onStopped: (reason) => {
        logger.error("marketing has stopped itself", { reason });
        count(marketingStopped);
      },
    }),
  ),
  compose: createCompose(house, {
    keys: keepTokenKeys(table),
    surveyOf: createSurveySource(table, () => new Date()),
  }),
  send: sendBySes({ client: ses, configurationSet: environment.CONFIGURATION_SET }),
  putDue: (due: Parameters<typeof putDue>[1]) => putDue(table, due),
  now: () => new Date(),
};

export const handler = queueHandler(logger, mailMessageSchema, async (message, record) => {
  const { messageKey, correlationId } = message;
  const requestedAt = message.requestedAt ?? new Date(Number(record.attributes.SentTimestamp)).toISOString();
  const delivered = await deliver(deps, { ...message, requestedAt });
  logger.info("mail", { delivered, messageKey, correlationId });
  if (delivered === "put back") throw new Error("Another worker holds this mail; the queue brings it again.");
});
