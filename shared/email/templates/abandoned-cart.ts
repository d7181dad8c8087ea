import { greeting, linkButton, paragraph, type Template } from "./template.ts";

const base = { version: 1, stream: "marketing", topic: "offers", asksForConsent: false, defaults: {} } as const;

const cartLines = `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px">
{% for line in cart.lines %}<tr><td style="padding:8px 0;border-bottom:1px solid #d9dce1">{{ line.name }}</td><td align="right" style="padding:8px 0 8px 12px;border-bottom:1px solid #d9dce1;white-space:nowrap">{{ line.quantity }} ×{% if line.price %} {{ line.price }}{% endif %}</td></tr>
{% endfor %}{% if cart.more %}<tr><td style="padding:8px 0" colspan="2">… and more</td></tr>
{% endif %}</table>`;
const cartText = `{% for line in cart.lines %}{{ line.quantity }} × {{ line.name }}{% if line.price %}, {{ line.price }}{% endif %}
{% endfor %}{% if cart.more %}… and more
{% endif %}`;

/** For who left a cart behind. Without lines to show it is not sent. */
export const abandonedCart: readonly Template[] = [
  cart(
    "cart-1",
    "You left something behind",
    "Your cart is still there.",
    "your cart at {{ publicName }} is still there:",
  ),
  cart(
    "cart-2",
    "Your cart at {{ publicName }}",
    "Shall we keep it for you?",
    "yesterday you put this into your cart. Is something unclear? Answer this mail, and a person helps.",
  ),
  cart(
    "cart-3",
    "Last call for your cart",
    "We stop reminding you after this.",
    "this is our last word about your cart:",
  ),
];

function cart(id: string, subject: string, preheader: string, text: string): Template {
  return {
    ...base,
    id,
    priority: "cart",
    subject,
    preheader,
    why: "You get this mail because you left a cart at {{ publicName }} and subscribed to our news.",
    html: `${paragraph(greeting)}
${paragraph(text)}
${cartLines}
{% if cart.value %}${paragraph("Together {{ cart.value }}.")}{% endif %}
{% if cart.url %}${linkButton("{{ cart.url }}", "Back to my cart")}{% endif %}
<p style="margin:0">{{ publicName }}</p>`,
    text: `${greeting}

${text}

${cartText}{% if cart.value %}
Together {{ cart.value }}.
{% endif %}{% if cart.url %}
Back to my cart: {{ cart.url }}
{% endif %}
{{ publicName }}`,
  };
}
