import * as z from "zod/mini";
import { consentSchema } from "../consent/consent.ts";
import { customerModelSchema } from "../customers/customer-model.ts";
import { suppressionRemoved, suppressionSchema } from "../email/suppression.ts";
import { contactOf, createEvent, type Event, eventSchema, mayStart } from "../events/event.ts";
import { contactIdOf } from "../events/event-keys.ts";
import { putEvent } from "../events/event-store.ts";
import type { BatchQueue } from "../queues/batch-queue.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { censusShardSchema } from "./census.ts";
import { cutPointsSchema } from "./cut-points.ts";
import { circleThrough, concernsChange, dependenciesOf } from "./dependencies.ts";
import { type EvaluationDependencies, evaluateContact } from "./evaluation-store.ts";
import { isHistoric } from "./historic.ts";
import { type Membership, membershipSchema } from "./membership.ts";
import { firstPageDelaySeconds, nextPages, type SegmentMessage } from "./rebuild.ts";
import { segmentEvents } from "./rule.ts";
import { segmentSchema } from "./segment.ts";

/** A contact that changed is evaluated for the segments that depend on what changed; a new one for all. */
export function contactSegmentsStage(deps: EvaluationDependencies): Stage {
  return {
    name: "segments-of-contact",
    kind: "contact",
    remembers: ["ring"],
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item, previous }) {
      const mark = isHistoric(previous, item, deps.now()) ? { historic: true as const } : {};
      await evaluateContact(deps, {
        contactId: contactIdOf(item.pk),
        concerns: ({ dependencies }) => previous === undefined || concernsChange(dependencies, previous, item),
        mark,
      });
    },
  };
}

/** An event is evaluated for the segments that ask for events of its name. */
export function eventSegmentsStage(deps: EvaluationDependencies): Stage {
  return {
    name: "segments-of-event",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && !segmentEvents.includes(String(item.name)),
    async run({ item }) {
      const event = eventSchema.parse(item);
      await evaluateContact(deps, {
        contactId: contactOf(event),
        concerns: ({ dependencies }) =>
          dependencies.events.has(event.name) || (dependencies.suppression && event.name === suppressionRemoved),
        mark: mayStart(event) ? {} : { historic: true },
      });
    },
  };
}

/** A consent that changed is evaluated for the segments that ask for consent. */
export function consentSegmentsStage(deps: EvaluationDependencies): Stage {
  return {
    name: "segments-of-consent",
    kind: "consent",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item }) {
      const { contactId } = z.pick(consentSchema, { contactId: true }).parse(item);
      await evaluateContact(deps, { contactId, concerns: ({ dependencies }) => dependencies.consent, mark: {} });
    },
  };
}

/** An address that is suppressed is evaluated for the segments that ask for that; one that is no more, by its event. */
export function suppressionSegmentsStage(deps: EvaluationDependencies): Stage {
  return {
    name: "segments-of-suppression",
    kind: "suppression",
    wants: ({ item, previous }) => previous === undefined && item.contactId !== undefined,
    async run({ item }) {
      const { contactId } = suppressionSchema.parse(item);
      if (contactId === undefined) return;
      await evaluateContact(deps, { contactId, concerns: ({ dependencies }) => dependencies.suppression, mark: {} });
    },
  };
}

/** Each entry and exit stands on the contact's timeline, where journeys see it. */
export function membershipEventStage({ table }: { readonly table: Table }): Stage {
  return {
    name: "membership-event",
    kind: "membership",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item, previous }) {
      const membership = membershipSchema.parse(item);
      const told = previous === undefined ? 0 : membershipSchema.parse(previous).version;
      for (const event of eventsOf(membership, told)) await putEvent(table, event);
    },
  };
}

function eventsOf({ contactId, segmentId, segmentVersion, flips }: Membership, told: number): Event[] {
  return flips
    .filter(({ version, archived }) => version > told && archived === undefined)
    .map(({ version, state, at, historic, rebuild }) =>
      createEvent({
        contactId,
        origin: ["membership", contactId, segmentId, String(version)],
        name: state === "in" ? "Segment Entered" : "Segment Exited",
        occurredAt: at,
        receivedAt: at,
        source: "segments",
        properties: { segmentId, segmentVersion, ...(historic && { historic }), ...(rebuild && { rebuild }) },
      }),
    );
}

/**
 * A change of membership is evaluated for the segments that ask for it, and once more for its own: facts that came
 * while it was being written are seen then.
 */
export function membershipFollowStage(deps: EvaluationDependencies): Stage {
  return {
    name: "membership-follow",
    kind: "membership",
    wants: ({ item, previous }) => item.version !== previous?.version,
    async run({ item }) {
      const { contactId, segmentId, flips } = membershipSchema.parse(item);
      await deps.definitions.isCurrent(segmentId);
      const rules = new Map((await deps.definitions.all()).map(({ segment }) => [segment.id, segment.rule]));
      // Two saved at one time may close a circle, which would turn for ever.
      const isInCircle = circleThrough(segmentId, rules) !== undefined;
      const { historic, rebuild } = flips.at(-1) ?? {};
      await evaluateContact(deps, {
        contactId,
        concerns: ({ segment, dependencies }) =>
          segment.id === segmentId || (!isInCircle && dependencies.segments.has(segmentId)),
        mark: { ...(historic && { historic }), ...(rebuild && { rebuild }) },
      });
    },
  };
}

/** A new definition, and each page of its rebuild that is done, starts the next pages. */
export function rebuildStage({ sendSegments }: { readonly sendSegments: BatchQueue<SegmentMessage> }): Stage {
  return {
    name: "segment-rebuild",
    kind: "segment",
    wants: () => true,
    async run({ item, previous }) {
      const { id, rebuild, rule, version, archivedAt } = segmentSchema.parse(item);
      const pages = nextPages(id, rebuild, previous && segmentSchema.parse(previous).rebuild);
      await Promise.all(pages.map(({ message, delaySeconds }) => sendSegments(message, delaySeconds)));
      const isNew = previous?.version !== version;
      // The first who asks for ranks need not wait for the night.
      if (isNew && archivedAt === undefined && dependenciesOf(rule).ranks)
        await sendSegments({ type: "census" }, firstPageDelaySeconds);
    },
  };
}

/** A census that has begun, and each page of it that is counted, starts the next page; the last one closes it. */
export function censusStage({ sendSegments }: { readonly sendSegments: BatchQueue<SegmentMessage> }): Stage {
  return {
    name: "census",
    kind: "censusShard",
    wants: () => true,
    async run({ item }) {
      const { date, shard, pages, done } = censusShardSchema.parse(item);
      await sendSegments(done ? { type: "shardCounted" } : { type: "censusPage", date, shard, pages });
    },
  };
}

/** A customer model by which customers are seen otherwise starts the rebuilds by it. */
export function customerModelStage({ sendSegments }: { readonly sendSegments: BatchQueue<SegmentMessage> }): Stage {
  return {
    name: "customer-model",
    kind: "customerModel",
    remembers: ["moves"],
    wants: ({ item, previous }) => (item.moves ?? 0) !== (previous?.moves ?? 0),
    async run({ item }) {
      const { moves } = customerModelSchema.parse(item);
      await sendSegments({ type: "modelMoved", moves });
    },
  };
}

/** Cut points that moved start the rebuilds by them. */
export function cutPointsStage({ sendSegments }: { readonly sendSegments: BatchQueue<SegmentMessage> }): Stage {
  return {
    name: "cut-points",
    kind: "cutPoints",
    wants: () => true,
    async run({ item }) {
      const { version } = cutPointsSchema.parse(item);
      await sendSegments({ type: "cutPointsMoved", version });
    },
  };
}
