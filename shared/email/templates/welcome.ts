import { greeting, type Template } from "./template.ts";

/** The first mail to a new subscriber. */
export const welcome: Template = {
  id: "welcome",
  version: 1,
  stream: "marketing",
  priority: "welcome",
  atOnce: true,
  asksForConsent: false,
  subject: "Welcome to {{ publicName }}",
  preheader: "Good to have you with us.",
  html: `<h1 style="margin:0 0 16px;font-size:24px;line-height:1.25">Welcome</h1>
<p style="margin:0 0 16px">${greeting}</p>
<p style="margin:0 0 16px">Your subscription is confirmed, and we are glad to have you with us. From now on you hear from us when there is something worth your time.</p>
<p style="margin:0 0 16px">A question? Just answer this mail; a person reads it.</p>
<p style="margin:0">{{ publicName }}</p>`,
  text: `${greeting}

Your subscription is confirmed, and we are glad to have you with us. From now on you hear from us when there is something worth your time.

A question? Just answer this mail; a person reads it.

{{ publicName }}`,
  why: "You get this mail because you subscribed to news from {{ publicName }}.",
  defaults: {},
};
