import { baseOf } from "./texts.ts";

/** What the pages of surveys say beside the survey's own texts. */
export interface SurveyWords {
  readonly send: string;
  readonly notApplicable: string;
  readonly wrongScore: (from: number, to: number) => string;
  readonly wrongChoice: string;
  readonly tooLong: (most: number) => string;
  readonly thanks: string;
  readonly kept: string;
  readonly changeable: string;
  readonly more: string;
  readonly comment: string;
  readonly sendComment: string;
  readonly closed: { readonly title: string; readonly told: string };
}

const words: Readonly<Record<string, SurveyWords>> = {
  en: {
    send: "Send my answer",
    notApplicable: "Does not apply to me",
    wrongScore: (from, to) => `Choose a number from ${from} to ${to}.`,
    wrongChoice: "Answer at least one question, with what the page offers.",
    tooLong: (most) => `Please write ${most} characters at most.`,
    thanks: "Thank you",
    kept: "Your answer has arrived.",
    changeable: "You can change it by the same link as long as the survey is open.",
    more: "Would you like to tell us more? You need not.",
    comment: "What is the main reason for your answer?",
    sendComment: "Send",
    closed: {
      title: "This survey is closed",
      told: "Its time is over, and it takes no more answers. Nothing was saved.",
    },
  },
  de: {
    send: "Antwort senden",
    notApplicable: "Trifft auf mich nicht zu",
    wrongScore: (from, to) => `Wählen Sie eine Zahl von ${from} bis ${to}.`,
    wrongChoice: "Beantworten Sie mindestens eine Frage mit dem, was die Seite anbietet.",
    tooLong: (most) => `Bitte schreiben Sie höchstens ${most} Zeichen.`,
    thanks: "Danke",
    kept: "Ihre Antwort ist angekommen.",
    changeable: "Sie können sie über denselben Link ändern, solange die Umfrage offen ist.",
    more: "Möchten Sie uns mehr sagen? Sie müssen nicht.",
    comment: "Was ist der wichtigste Grund für Ihre Antwort?",
    sendComment: "Senden",
    closed: {
      title: "Diese Umfrage ist geschlossen",
      told: "Ihre Zeit ist vorbei, sie nimmt keine Antworten mehr an. Es wurde nichts gespeichert.",
    },
  },
  es: {
    send: "Enviar mi respuesta",
    notApplicable: "No se aplica a mi caso",
    wrongScore: (from, to) => `Elija un número del ${from} al ${to}.`,
    wrongChoice: "Responda al menos a una pregunta con lo que ofrece la página.",
    tooLong: (most) => `Escriba ${most} caracteres como máximo.`,
    thanks: "Gracias",
    kept: "Hemos recibido su respuesta.",
    changeable: "Puede cambiarla con el mismo enlace mientras la encuesta esté abierta.",
    more: "¿Quiere contarnos más? No es obligatorio.",
    comment: "¿Cuál es el motivo principal de su respuesta?",
    sendComment: "Enviar",
    closed: {
      title: "Esta encuesta está cerrada",
      told: "Su plazo ha terminado y ya no admite respuestas. No se ha guardado nada.",
    },
  },
  fr: {
    send: "Envoyer ma réponse",
    notApplicable: "Ne me concerne pas",
    wrongScore: (from, to) => `Choisissez un nombre de ${from} à ${to}.`,
    wrongChoice: "Répondez à une question au moins, avec ce que la page propose.",
    tooLong: (most) => `Écrivez ${most} caractères au plus.`,
    thanks: "Merci",
    kept: "Votre réponse est arrivée.",
    changeable: "Vous pouvez la modifier par le même lien tant que l'enquête est ouverte.",
    more: "Souhaitez-vous nous en dire plus ? Ce n'est pas obligatoire.",
    comment: "Quelle est la raison principale de votre réponse ?",
    sendComment: "Envoyer",
    closed: {
      title: "Cette enquête est close",
      told: "Son délai est écoulé et elle ne prend plus de réponses. Rien n'a été enregistré.",
    },
  },
};

/** The words of a language; English where there are none. */
export function surveyWords(language: string): SurveyWords {
  const base = baseOf(language);
  const found = Object.hasOwn(words, base) ? words[base] : words.en;
  if (found === undefined) throw new Error("there are no English words");
  return found;
}
