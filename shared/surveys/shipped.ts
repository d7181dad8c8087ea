import { type Survey, surveySchema } from "./survey.ts";

const shipped = { version: 0, savedAt: null, savedBy: null, questions: [], openDays: 30, language: "en" } as const;

/** The surveys that come with Rapport; a stored one of the same id takes its place. */
export const shippedSurveys: ReadonlyMap<string, Survey> = new Map(
  [
    {
      ...shipped,
      id: "nps",
      kind: "nps",
      title: {
        en: "Would you recommend us?",
        de: "Würden Sie uns weiterempfehlen?",
        es: "¿Nos recomendaría?",
        fr: "Nous recommanderiez-vous ?",
      },
      question: {
        en: "How likely are you to recommend us to a friend or colleague? 0 is not at all likely, 10 extremely likely.",
        de: "Wie wahrscheinlich ist es, dass Sie uns weiterempfehlen? 0 ist gar nicht wahrscheinlich, 10 äußerst wahrscheinlich.",
        es: "¿Qué probabilidad hay de que nos recomiende a un amigo o colega? 0 es nada probable; 10, muy probable.",
        fr: "Quelle est la probabilité que vous nous recommandiez à un proche ? 0 : pas du tout probable, 10 : très probable.",
      },
    },
    {
      ...shipped,
      id: "csat",
      kind: "csat",
      title: {
        en: "How satisfied are you?",
        de: "Wie zufrieden sind Sie?",
        es: "¿Cómo de satisfecho está?",
        fr: "Êtes-vous satisfait ?",
      },
      question: {
        en: "How satisfied are you with us? 1 is very dissatisfied, 5 very satisfied.",
        de: "Wie zufrieden sind Sie mit uns? 1 ist sehr unzufrieden, 5 sehr zufrieden.",
        es: "¿Cómo de satisfecho está con nosotros? 1 es muy insatisfecho; 5, muy satisfecho.",
        fr: "Êtes-vous satisfait de nous ? 1 : très insatisfait, 5 : très satisfait.",
      },
    },
  ].map((survey) => [survey.id, surveySchema.parse(survey)]),
);
