import { type Journey, journeySchema } from "../definition.ts";

/** Greets a person once and for ever, as soon as the address may get marketing mail. */
export const welcome: Journey = journeySchema.parse({
  id: "welcome",
  version: 1,
  name: "Welcome",
  trigger: { event: "Subscribed", conditions: [] },
  entry: "once",
  start: "greet",
  steps: [
    { type: "email", id: "greet", templateId: "welcome", next: "end" },
    { type: "end", id: "end" },
  ],
});
