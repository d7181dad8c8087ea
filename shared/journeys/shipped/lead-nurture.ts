import type { JourneyInput } from "../definition.ts";

/** Writes three times in two weeks to a person who asked by a form and has not ordered. */
export const leadNurture: JourneyInput = {
  name: "Lead nurture",
  trigger: { event: "Form Submitted" },
  exits: [{ event: "Order Completed" }, { event: "Order Placed" }, { event: "Unsubscribed" }],
  start: "three-days",
  steps: [
    { type: "wait", id: "three-days", for: "P3D", next: "first" },
    { type: "email", id: "first", templateId: "lead-nurture-1", next: "eight-days" },
    { type: "wait", id: "eight-days", for: "P5D", next: "second" },
    { type: "email", id: "second", templateId: "lead-nurture-2", next: "fifteen-days" },
    { type: "wait", id: "fifteen-days", for: "P7D", next: "third" },
    { type: "email", id: "third", templateId: "lead-nurture-3", next: "end" },
    { type: "end", id: "end" },
  ],
};
