import { greeting, paragraph, type Template } from "./template.ts";

const base = { version: 1, stream: "marketing", asksForConsent: false, defaults: {} } as const;

/** Thanks after an order, and what goes with it. */
export const postPurchase: Template = {
  ...base,
  id: "post-purchase",
  topic: "product",
  priority: "broadcast",
  subject: "Thank you from {{ publicName }}",
  preheader: "How do you like it?",
  why: "You get this mail because you ordered from {{ publicName }} and subscribed to our news.",
  html: `${paragraph(greeting)}
${paragraph("thank you for your order{% if order.lines %} of {{ order.lines[0].name }}{% endif %}. We hope you like it. Is anything not as it should be? Answer this mail, and a person sets it right.")}
{% if recommendations %}${paragraph("What others bought with it:")}
<ul style="margin:0 0 16px;padding-left:20px">{% for line in recommendations %}<li>{{ line.name }}{% if line.price %}, {{ line.price }}{% endif %}</li>{% endfor %}</ul>{% endif %}
<p style="margin:0">{{ publicName }}</p>`,
  text: `${greeting}

thank you for your order{% if order.lines %} of {{ order.lines[0].name }}{% endif %}. We hope you like it. Is anything not as it should be? Answer this mail, and a person sets it right.

{% if recommendations %}What others bought with it:
{% for line in recommendations %}- {{ line.name }}{% if line.price %}, {{ line.price }}{% endif %}
{% endfor %}
{% endif %}{{ publicName }}`,
};

/** For who has not ordered for longer than is usual; the third one brings an offer when the account has one. */
export const winBack: readonly Template[] = [
  comeBack(
    "win-back-1",
    "It has been a while",
    "See what is new.",
    "it has been a while since your last order, and there is news at {{ publicName }} since. Have a look when you like.",
  ),
  comeBack(
    "win-back-2",
    "Can we do something better?",
    "We would like to know.",
    "we have not heard from you for some time. Was something not as it should be? Answer this mail, and a person reads it.",
  ),
  comeBack(
    "win-back-3",
    "{% if offer.code %}{{ offer.text | default: 'Something' }} for your next order{% else %}Shall we stay in touch?{% endif %}",
    "Our last word on this.",
    "this is our last mail of this kind.{% if offer.code %} If you would like to come back: with the code {{ offer.code }} your next order is cheaper.{% else %} If you would like to come back, we are here.{% endif %}",
  ),
];

function comeBack(id: string, subject: string, preheader: string, text: string): Template {
  return {
    ...base,
    id,
    topic: "offers",
    priority: "win-back",
    subject,
    preheader,
    why: "You get this mail because you have ordered from {{ publicName }} and subscribed to our news.",
    html: `${paragraph(greeting)}
${paragraph(text)}
<p style="margin:0">{{ publicName }}</p>`,
    text: `${greeting}

${text}

{{ publicName }}`,
  };
}
