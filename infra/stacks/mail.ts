import { type App, CfnOutput } from "aws-cdk-lib";
import { EventBus } from "aws-cdk-lib/aws-events";
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from "aws-cdk-lib/aws-ses";
import type { Config } from "../config-schema.ts";
import { namesOf } from "../names.ts";
import { RapportStack } from "./rapport-stack.ts";

/** What SES needs to send for the company's domain and to tell what became of each mail. */
export class MailStack extends RapportStack {
  constructor(app: App, config: Config) {
    super(app, "Mail", "the sending domain and its events", config);
    const configurationSet = new ConfigurationSet(this, "ConfigurationSet", {
      configurationSetName: namesOf(config).configurationSet,
      reputationMetrics: true,
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
      // Some receivers still have no TLS, and a mail unencrypted is better for them than none.
      tlsPolicy: ConfigurationSetTlsPolicy.OPTIONAL,
    });
    configurationSet.addEventDestination("Events", {
      // SES publishes to the default bus only.
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, "DefaultBus", "default")),
      events: Object.values(EmailSendingEvent),
    });
    if (config.sesIdentity === "create") {
      const identity = new EmailIdentity(this, "Identity", { identity: Identity.domain(config.domain) });
      for (const [position, record] of identity.dkimRecords.entries()) {
        new CfnOutput(this, `DkimRecord${position + 1}`, { value: `${record.name} CNAME ${record.value}` });
      }
    }
  }
}
