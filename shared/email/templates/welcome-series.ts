import { greeting, paragraph, type Template } from "./template.ts";

const base = {
  version: 1,
  stream: "marketing",
  priority: "welcome",
  asksForConsent: false,
  why: "You get this mail because you subscribed to news from {{ publicName }}.",
  defaults: {},
} as const;

/** The later mails of the welcome series; the first one is `welcome`. */
export const welcomeSeries: readonly Template[] = [
  letter("welcome-2", "What {{ publicName }} does best", "Two minutes about who we are.", [
    "two days ago you joined us. Here is what people come to {{ publicName }} for, and come back for: things that are made well, advice from people who use them, and an answer when you ask.",
    "Is there something you are looking for? Answer this mail; a person reads it.",
  ]),
  letter("welcome-3", "What others choose first", "A good place to begin.", [
    "not sure where to begin? These are what others liked:",
  ]),
  letter("welcome-4", "A question from {{ publicName }}", "One line is enough.", [
    "you have been with us for a week. What would you like to hear from us, and what not? One line in answer to this mail is enough; it decides what we send you.",
  ]),
];

function letter(id: string, subject: string, preheader: string, paragraphs: readonly string[]): Template {
  const products = id === "welcome-3";
  const listHtml = `{% if recommendations %}<ul style="margin:0 0 16px;padding-left:20px">{% for line in recommendations %}<li>{{ line.name }}</li>{% endfor %}</ul>{% else %}${paragraph("Have a look around, and take your time.")}{% endif %}`;
  const listText =
    "{% if recommendations %}{% for line in recommendations %}- {{ line.name }}\n{% endfor %}{% else %}Have a look around, and take your time.\n{% endif %}";
  return {
    ...base,
    id,
    subject,
    preheader,
    html: `${[greeting, ...paragraphs].map(paragraph).join("\n")}
${products ? listHtml : ""}<p style="margin:0">{{ publicName }}</p>`,
    text: `${[greeting, ...paragraphs].join("\n\n")}

${products ? `${listText}\n` : ""}{{ publicName }}`,
  };
}
