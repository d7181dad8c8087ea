import { greeting, type Template } from "./template.ts";

/** Answers a form that was submitted without the wish for marketing mail. It never quotes what was entered. */
export const formAcknowledgement: Template = {
  id: "form-acknowledgement",
  version: 1,
  stream: "transactional",
  asksForConsent: false,
  subject: "{{ publicName }} has received your message",
  preheader: "Thank you. Here is what happens next.",
  html: `<p style="margin:0 0 16px">${greeting}</p>
<p style="margin:0 0 16px">Thank you for getting in touch. Your {% if formTitle != "" %}“{{ formTitle }}” {% endif %}form has reached us, and a person will read it and answer you.</p>
<p style="margin:0">{{ publicName }}</p>`,
  text: `${greeting}

Thank you for getting in touch. Your {% if formTitle != "" %}"{{ formTitle }}" {% endif %}form has reached us, and a person will read it and answer you.

{{ publicName }}`,
  why: "You get this mail because this address was entered in a form of {{ publicName }}. If that was not you, you need not do anything.",
  defaults: { formTitle: "" },
};
