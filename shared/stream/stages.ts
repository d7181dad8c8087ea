import { promiseEntryStage, tellStage } from "../actions/action-stages.ts";
import { broadcastPagesStage } from "../broadcasts/broadcast-stages.ts";
import type { BroadcastMessage } from "../broadcasts/fan-out.ts";
import { broadcastProgressStage } from "../broadcasts/progress-store.ts";
import type { ConnectorMessage } from "../connectors/connector-message.ts";
import { connectStage, importPageStage, reconciliationStage } from "../connectors/import-stages.ts";
import { writeBackStages } from "../connectors/write-back-stages.ts";
import { newAddressStage, withdrawalStage } from "../consent/address-stages.ts";
import { confirmationMailStage, consentStage, subscribedStage, unsubscribedStage } from "../consent/consent-stages.ts";
import { acknowledgeStage } from "../contacts/acknowledge-stage.ts";
import { appendStage, foldStage, resolveStage } from "../contacts/contact-stages.ts";
import { joinStage, orderedCartStage, releaseStages, waitingStage } from "../contacts/join-stages.ts";
import { unknownCartStage } from "../contacts/unknown-cart-stage.ts";
import { ratesStage } from "../currency/rate-stage.ts";
import { stopDigestStage } from "../digests/digest-stages.ts";
import { guardStage, messageStage, suppressStage } from "../email/email-stages.ts";
import type { MailQueue } from "../email/mail-queue.ts";
import { messageRequestStage } from "../email/message-request-stage.ts";
import { unknownStage } from "../email/unknown-stage.ts";
import { answerCommentStage, feedbackEntryStage, feedbackStage } from "../feedback/feedback-stages.ts";
import { funnelEntryStage, moveOnStages } from "../funnel/funnel-stages.ts";
import { keepStageRules } from "../funnel/stage-rule-store.ts";
import { alarmMailStage } from "../insight/alarm-stages.ts";
import { dateStage } from "../journeys/date-store.ts";
import { liveJourneys } from "../journeys/journey-cache-store.ts";
import { triggerStage, wakeStage } from "../journeys/journey-stages.ts";
import { openJourneys } from "../journeys/journey-store.ts";
import { mailOutcomeStage, webhookOutcomeStage } from "../journeys/outcome-store.ts";
import { overtakenStage } from "../journeys/overtaken-stage.ts";
import { progressStage } from "../journeys/progress-store.ts";
import { runStage } from "../journeys/run-stages.ts";
import type { WakeUp } from "../journeys/wake-up.ts";
import { scheduleWakeUp } from "../journeys/wake-up-queue.ts";
import { keepAsked } from "../kpis/catalogue-store.ts";
import type { HistoryMessage } from "../kpis/history.ts";
import { catalogueStage, countingStage, walkStage } from "../kpis/history-stages.ts";
import {
  attributionEntryStage,
  costEntryStage,
  dirtyDayStage,
  eventEntryStage,
  kpiEntryStage,
  otherEventStage,
} from "../kpis/kpi-stages.ts";
import { pipelineStage } from "../pipeline/pipeline-stages.ts";
import type { ErasuresMessage } from "../privacy/erasure.ts";
import { erasureStage } from "../privacy/erasure-stages.ts";
import { privacyRequestStage, shopErasureStage } from "../privacy/privacy-request-stages.ts";
import type { BatchQueue } from "../queues/batch-queue.ts";
import { basketStage } from "../recommendations/basket-store.ts";
import { creditStage, dirtyResultStages, mailFactStage, orderResultStage } from "../results/result-stages.ts";
import { reviewOpenedStage } from "../reviews/review-stages.ts";
import { keepDefinitions } from "../segments/definition-store.ts";
import type { SegmentMessage } from "../segments/rebuild.ts";
import {
  censusStage,
  consentSegmentsStage,
  contactSegmentsStage,
  customerModelStage,
  cutPointsStage,
  eventSegmentsStage,
  membershipEventStage,
  membershipFollowStage,
  rebuildStage,
  suppressionSegmentsStage,
} from "../segments/segment-stages.ts";
import { answerEntryStage, invitationEntryStage, surveyAnswerStage } from "../surveys/answer-stages.ts";
import type { Table } from "../table/client.ts";
import type { WebhookMessageInput } from "../webhooks/webhook.ts";
import type { Stage } from "./stage.ts";

export interface StageDependencies {
  readonly table: Table;
  readonly sendMail: MailQueue;
  readonly sendSegments: BatchQueue<SegmentMessage>;
  readonly sendConnectors: BatchQueue<ConnectorMessage>;
  readonly sendWakeUp: BatchQueue<WakeUp>;
  readonly sendBroadcasts: BatchQueue<BroadcastMessage>;
  readonly sendHistory: BatchQueue<HistoryMessage>;
  readonly sendErasure: BatchQueue<ErasuresMessage>;
  readonly sendWebhook: BatchQueue<WebhookMessageInput>;
  /** The account's, for the local hours that journeys name. */
  readonly timeZone: string;
  /** How long after a click an order is credited to its mail. */
  readonly attributionDays: number;
  readonly now: () => Date;
  /** Counts what alarms watch. */
  readonly count: (metric: string) => void;
  /** Random ids of new contacts and confirmations. */
  readonly newId: () => string;
}

/** Everything that follows from a write, by the kind of item written. */
export function createStages(deps: StageDependencies): readonly Stage[] {
  const store = openJourneys(deps.table);
  const journeys = { ...deps, store, live: liveJourneys(store, deps.now) };
  const rules = keepStageRules(deps.table, deps.now);
  const segments = { ...deps, definitions: keepDefinitions(deps) };
  return [
    // intake
    resolveStage(deps),
    appendStage(deps),
    privacyRequestStage(deps),
    messageRequestStage(deps),
    joinStage(deps),
    unknownCartStage(deps),
    surveyAnswerStage(deps),
    feedbackStage(deps),
    stopDigestStage(deps),
    // waiting, joined, order
    waitingStage(deps),
    ...releaseStages(deps),
    // event
    foldStage({ ...deps, rules }),
    orderedCartStage(deps),
    consentStage(deps),
    acknowledgeStage(deps),
    triggerStage(journeys),
    wakeStage(journeys),
    suppressStage(deps),
    guardStage(deps),
    mailFactStage(deps),
    creditStage(deps),
    eventSegmentsStage(segments),
    basketStage(deps),
    eventEntryStage(deps),
    webhookOutcomeStage(deps),
    ...moveOnStages({ ...deps, rules }),
    pipelineStage(deps),
    otherEventStage({ ...deps, asked: keepAsked(deps) }),
    // consent, suppression
    confirmationMailStage(deps),
    subscribedStage(deps),
    unsubscribedStage(deps),
    withdrawalStage(deps),
    consentSegmentsStage(segments),
    suppressionSegmentsStage(segments),
    // run
    progressStage(deps),
    runStage({ ...deps, wakeUp: scheduleWakeUp({ ...deps, send: deps.sendWakeUp }) }),
    overtakenStage(deps),
    // message
    messageStage(deps),
    unknownStage(deps),
    broadcastProgressStage(deps),
    mailOutcomeStage(deps),
    // contact
    kpiEntryStage(deps),
    funnelEntryStage(deps),
    contactSegmentsStage(segments),
    dateStage(journeys),
    newAddressStage(deps),
    // erasure, privacy request
    erasureStage(deps),
    shopErasureStage(deps),
    // alarm
    alarmMailStage(deps),
    // cost
    costEntryStage(deps),
    // currency rates
    ratesStage(deps),
    // survey answer
    answerEntryStage(deps),
    answerCommentStage(deps),
    invitationEntryStage(deps),
    // feedback
    feedbackEntryStage(deps),
    // action, telling, review
    promiseEntryStage(deps),
    tellStage(deps),
    reviewOpenedStage(deps),
    // KPI entry, catalogue, history
    dirtyDayStage(deps),
    catalogueStage(deps),
    walkStage(deps),
    countingStage(deps),
    // results
    orderResultStage(deps),
    attributionEntryStage(deps),
    ...dirtyResultStages(deps),
    // segment, census, cut points, membership
    rebuildStage(deps),
    censusStage(deps),
    cutPointsStage(deps),
    customerModelStage(deps),
    membershipEventStage(deps),
    membershipFollowStage(segments),
    // broadcast
    broadcastPagesStage(deps),
    // source, import
    connectStage(deps),
    importPageStage(deps),
    reconciliationStage(deps),
    // consent, event
    ...writeBackStages(deps),
  ];
}
