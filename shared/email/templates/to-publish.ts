import { greeting, paragraph, type Template } from "./template.ts";

const base = { version: 1, stream: "marketing", priority: "broadcast", asksForConsent: false, defaults: {} } as const;
const leadWhy = "You get this mail because you wrote to {{ publicName }} and subscribed to our news.";

/** The mails of the journeys that come as drafts: they go out only once somebody has read and published them. */
export const templatesToPublish: readonly Template[] = [
  letter("newsletter", "lead-nurture-1", leadWhy, "Did we answer your question?", "One line is enough.", [
    "a few days ago you wrote to us. Is anything still open? Answer this mail, and a person reads it.",
  ]),
  letter("newsletter", "lead-nurture-2", leadWhy, "How others go about it", "What people ask us first.", [
    "before they decide, most people ask us three things: what it costs in the end, how soon it is there, and what happens when it does not fit. Which of them is yours? Answer this mail, and you have it in writing.",
  ]),
  letter("newsletter", "lead-nurture-3", leadWhy, "Shall we leave it at that?", "Our last word on this.", [
    "this is our last mail about your question. When the time comes, we are here; an answer to this mail reaches us in a year as well.",
  ]),
  letter(
    "offers",
    "browse-abandonment",
    "You get this mail because you looked at something at {{ publicName }} and subscribed to our news.",
    "{% if event.product.name %}Still thinking about it?{% else %}Anything we can help with?{% endif %}",
    "A person answers.",
    [
      "you had a look at {% if event.product.name %}{{ event.product.name }}{% else %}our shop{% endif %}. Is something unclear? Answer this mail, and a person helps.",
    ],
  ),
  letter(
    "product",
    "review-request",
    "You get this mail because you ordered from {{ publicName }} and subscribed to our news.",
    "How do you like it?",
    "One line is enough.",
    [
      "two weeks ago you ordered{% if order.lines %} {{ order.lines[0].name }}{% else %} from us{% endif %}. What is good about it, and what is not? One line in answer to this mail is enough; we read every one.",
    ],
  ),
];

function letter(
  topic: string,
  id: string,
  why: string,
  subject: string,
  preheader: string,
  paragraphs: readonly string[],
): Template {
  return {
    ...base,
    id,
    topic,
    why,
    subject,
    preheader,
    html: `${[greeting, ...paragraphs].map(paragraph).join("\n")}
<p style="margin:0">{{ publicName }}</p>`,
    text: `${[greeting, ...paragraphs].join("\n\n")}

{{ publicName }}`,
  };
}
