import { shippedSegments } from "../shared/segments/shipped.ts";

/** What a first run puts into an empty system, so that there is something to look at. All of it is ordinary data. */

export const sampleForm = {
  id: "contact",
  definition: {
    title: "Talk to us",
    fields: [
      { name: "email", label: "E-mail", type: "email", required: true, autocomplete: "email" },
      { name: "firstName", label: "First name", type: "text", autocomplete: "given-name", maxLength: 80 },
      { name: "lastName", label: "Last name", type: "text", autocomplete: "family-name", maxLength: 80 },
      { name: "company", label: "Company", type: "text", autocomplete: "organization", maxLength: 120 },
      {
        name: "interest",
        label: "What is it about?",
        type: "select",
        options: ["A quote", "A question", "Something else"],
      },
      { name: "message", label: "Message", type: "textarea", maxLength: 2000 },
    ],
    marketing: { text: "Yes, send me news and offers by e-mail. I can stop at any time.", version: "2026-11" },
    origins: [],
  },
} as const;

const owner = { name: "Morgan Manager", email: "manager@example.com" };

export const sampleTargets = [
  { kpi: "new-leads", period: "month", definition: { target: 400, owner } },
  { kpi: "new-customers", period: "month", definition: { target: 40, owner } },
  { kpi: "lead-conversion", period: "month", definition: { target: 0.1, owner } },
] as const;

/** Net revenue in minor units from which a customer is of middle and of high value. */
export const sampleSegments = shippedSegments("USD", { midFrom: 10_000, highFrom: 50_000 });
