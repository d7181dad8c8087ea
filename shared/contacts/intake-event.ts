import { createEvent, type Event, type EventFacts } from "../events/event.ts";
import { requestedName } from "../events/vocabulary.ts";
import { isDiscontented, isLowScore } from "../feedback/discontent.ts";
import { sentimentOf } from "../feedback/sentiment.ts";
import type { Intake } from "../intake/intake.ts";
import { orderOrigin } from "./order-keys.ts";

/** The event that an intake item is on its contact's timeline; undefined while it has no contact. */
export function eventOf(intake: Intake): Event | undefined {
  const { contactId, intakeId, occurredAt, receivedAt, joinedAt, imported } = intake;
  if (contactId === undefined) return undefined;
  return createEvent({
    contactId,
    // One order is one event, however many messages tell of it.
    origin: (intake.type === "track" ? orderOrigin(intake.payload) : undefined) ?? ["intake", intakeId],
    occurredAt,
    // Heard of is what is known to be somebody's: a cart that waited too long starts nothing any more.
    receivedAt: joinedAt ?? receivedAt,
    intakeId,
    ...(imported && { imported }),
    ...wordsOf(intake),
  });
}

function wordsOf(intake: Intake): Pick<EventFacts, "name" | "source" | "properties"> {
  switch (intake.type) {
    case "form":
      return { name: "Form Submitted", source: "form", properties: intake.payload };
    case "track": {
      const { event, source, email, userId, browser, properties } = intake.payload;
      const account = event === "Identified" && { userId };
      return { name: event, source, properties: { ...properties, email, ...account, browser } };
    }
    case "unsubscribe":
      return { name: "Preferences Changed", source: "page", properties: { ...intake.payload, choice: "none" } };
    case "confirm":
      return { name: "Consent Confirmed", source: "page", properties: intake.payload };
    case "message": {
      const { source, templateId } = intake.payload;
      return { name: "Message Requested", source, properties: { templateId } };
    }
    case "journey": {
      const { journeyId, entryKey, by, properties } = intake.payload;
      return { name: requestedName, source: "staff", properties: { ...properties, journeyId, entryKey, by } };
    }
    case "privacy": {
      const { source, request, shop, reference } = intake.payload;
      return { name: "Privacy Request Received", source, properties: { request, shop, reference } };
    }
    case "digestStop":
      return { name: "Digest Stopped", source: "page", properties: intake.payload };
    case "feedback": {
      const { feedbackKind, source, text, rating, language, url } = intake.payload;
      const discontent = isDiscontented({ rating, sentiment: sentimentOf(text, language) }) || undefined;
      const properties = { kind: feedbackKind, text, rating, language, url, discontent };
      return { name: "Feedback Received", source, properties };
    }
    case "survey": {
      const { surveyId, surveyKind, invitationId, channel, language, answers } = intake.payload;
      const { score, comment, ...others } = answers;
      const about = { survey: surveyId, kind: surveyKind, invitation: invitationId, channel, language };
      const sentiment = typeof comment === "string" ? sentimentOf(comment, language) : null;
      const discontent = isLowScore(surveyKind, score) || isDiscontented({ rating: undefined, sentiment }) || undefined;
      const properties = { ...about, score, comment, answers: others, discontent };
      return { name: "Survey Answered", source: "page", properties };
    }
    case "preferences":
      return { name: "Preferences Changed", source: "page", properties: intake.payload };
  }
}
