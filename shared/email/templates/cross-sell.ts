import { greeting, paragraph, type Template } from "./template.ts";

const named = "{% if order.lines %}together with {{ order.lines[0].name }}{% else %}with what you ordered{% endif %}";
const price = "{% if line.price %}, {{ line.price }}{% endif %}";

/** What others bought with an order. Without any recommendation it has nothing to say: it is skipped for the missing value. */
export const crossSell: Template = {
  version: 1,
  stream: "marketing",
  priority: "broadcast",
  asksForConsent: false,
  defaults: {},
  id: "cross-sell",
  topic: "offers",
  why: "You get this mail because you ordered from {{ publicName }} and subscribed to our news.",
  subject: "What goes with {% if order.lines %}{{ order.lines[0].name }}{% else %}your order{% endif %}",
  preheader: "Others bought it, too.",
  html: `${paragraph(greeting)}
${paragraph(`this is what others bought ${named}:`)}
<ul style="margin:0 0 16px;padding-left:20px">{% for line in recommendations %}<li>{% if line.url %}<a href="{{ line.url }}">{{ line.name }}</a>{% else %}{{ line.name }}{% endif %}${price}</li>{% endfor %}</ul>
${paragraph("Is one of them what you were missing? A question about it reaches a person by an answer to this mail.")}
<p style="margin:0">{{ publicName }}</p>`,
  text: `${greeting}

this is what others bought ${named}:

{% for line in recommendations %}- {{ line.name }}${price}{% if line.url %}: {{ line.url }}{% endif %}
{% endfor %}
Is one of them what you were missing? A question about it reaches a person by an answer to this mail.

{{ publicName }}`,
};
