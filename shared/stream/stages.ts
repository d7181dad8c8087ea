import { confirmationMailStage, consentStage, subscribedStage } from "../consent/consent-stages.ts";
import { acknowledgeStage } from "../contacts/acknowledge-stage.ts";
import { appendStage, foldStage, resolveStage } from "../contacts/contact-stages.ts";
import { messageStage, suppressStage } from "../email/email-stages.ts";
import type { MailQueue } from "../email/mail-queue.ts";
import { runStage, shippedJourneys, triggerStage } from "../journeys/journey-stages.ts";
import { dirtyDayStage, kpiEntryStage } from "../kpis/kpi-stages.ts";
import type { Table } from "../table/client.ts";
import type { Stage } from "./stage.ts";

export interface StageDependencies {
  readonly table: Table;
  readonly sendMail: MailQueue;
  readonly now: () => Date;
  /** Random ids of new contacts and confirmations. */
  readonly newId: () => string;
}

/** Everything that follows from a write, by the kind of item written. */
export function createStages(deps: StageDependencies): readonly Stage[] {
  return [
    // intake
    resolveStage(deps),
    appendStage(deps),
    // event
    foldStage(deps),
    consentStage(deps),
    acknowledgeStage(deps),
    triggerStage({ ...deps, journeys: shippedJourneys }),
    suppressStage(deps),
    // consent
    confirmationMailStage(deps),
    subscribedStage(deps),
    // run
    runStage(deps),
    // message
    messageStage(deps),
    // contact
    kpiEntryStage(deps),
    // KPI entry
    dirtyDayStage(deps),
  ];
}
