import { button, greeting, type Template } from "./template.ts";

/** Double opt-in: asks whether the owner of the address wants the mail. */
export const confirmSubscription: Template = {
  id: "confirm-subscription",
  version: 1,
  stream: "transactional",
  asksForConsent: true,
  subject: "Please confirm your subscription to {{ publicName }}",
  preheader: "One click, and you are on the list.",
  html: `<p style="margin:0 0 16px">${greeting}</p>
<p style="margin:0">You asked for news from {{ publicName }} by e-mail. Please confirm that this address is yours:</p>
${button("{{ confirmUrl }}", "Confirm my subscription")}
<p style="margin:0">If you did not ask for this, do nothing: without your confirmation you get no more mail of this kind.</p>`,
  text: `${greeting}

You asked for news from {{ publicName }} by e-mail. Please confirm that this address is yours:

{{ confirmUrl }}

If you did not ask for this, do nothing: without your confirmation you get no more mail of this kind.`,
  why: "You get this mail because this address was entered in a form of {{ publicName }}.",
  defaults: {},
};
