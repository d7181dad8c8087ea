import { greeting, paragraph, type Template } from "./template.ts";

const asking = (id: string, survey: string): Template => ({
  id,
  version: 1,
  stream: "marketing",
  priority: "broadcast",
  asksForConsent: false,
  defaults: {},
  survey,
  subject: "{{ survey.title }}",
  preheader: "One tap is enough.",
  html: `${paragraph(greeting)}
${paragraph("{{ survey.question }}")}
{{ survey.buttons | raw }}
<p style="margin:0">{{ publicName }}</p>`,
  text: `${greeting}

{{ survey.question }}

{% for link in survey.links %}{{ link.score }}: {{ link.url }}
{% endfor %}
{{ publicName }}`,
  why: "You get this mail because you are a customer of {{ publicName }} and subscribed to our news.",
});

/** Mails that ask by one tap, each for a survey that comes along. */
export const surveyRequests: readonly Template[] = [asking("nps-survey", "nps"), asking("csat-survey", "csat")];
