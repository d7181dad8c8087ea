/**
 * Stands for `@smithy/core/event-streams` in the bundles: 15 KB that the SDK loads only for operations that stream
 * events both ways (transcription and the like), which no function of Rapport calls.
 */
export class EventStreamSerde {
  constructor() {
    throw new Error("Event streams are left out of the bundles: see infra/aliases/event-streams.ts.");
  }
}
