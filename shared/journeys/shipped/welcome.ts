import type { JourneyInput } from "../definition.ts";

/** Greets a person once and for ever, as soon as the address may get marketing mail, and writes again after 2, 4 and 7 days. */
export const welcome: JourneyInput = {
  name: "Welcome",
  trigger: { event: "Subscribed" },
  exits: [{ event: "Unsubscribed" }],
  start: "greet",
  steps: [
    { type: "email", id: "greet", templateId: "welcome", next: "two-days" },
    { type: "wait", id: "two-days", for: "P2D", next: "second" },
    { type: "email", id: "second", templateId: "welcome-2", next: "four-days" },
    { type: "wait", id: "four-days", for: "P2D", next: "third" },
    { type: "email", id: "third", templateId: "welcome-3", next: "seven-days" },
    { type: "wait", id: "seven-days", for: "P3D", next: "fourth" },
    { type: "email", id: "fourth", templateId: "welcome-4", next: "end" },
    { type: "end", id: "end" },
  ],
};
