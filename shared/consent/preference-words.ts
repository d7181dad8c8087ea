import type { Choice } from "../intake/intake.ts";

/** What the pages behind a mail's links say. `name` is the account's. */
export interface PreferenceWords {
  readonly unsubscribe: { readonly title: string; readonly ask: (name: string) => string; readonly button: string };
  readonly unsubscribed: { readonly title: string; readonly told: (name: string) => string; readonly close: string };
  readonly confirm: { readonly title: string; readonly ask: (name: string) => string; readonly button: string };
  readonly confirmed: { readonly title: string; readonly told: (name: string) => string };
  readonly preferences: {
    readonly title: string;
    readonly intro: (name: string) => string;
    readonly topic: Readonly<Record<"keep" | "on" | "off", string>>;
    readonly frequency: string;
    readonly frequencies: Readonly<Record<"keep" | "every" | "weekly" | "monthly", string>>;
    readonly save: string;
    readonly all: string;
    readonly pause: string;
    readonly none: string;
  };
  readonly kept: {
    readonly title: string;
    readonly told: Readonly<Record<Choice["choice"], string>>;
    readonly again: string;
  };
}

const en: PreferenceWords = {
  unsubscribe: {
    title: "Unsubscribe",
    ask: (name) =>
      `Do you want no more news and offers from ${name} by e-mail? Answers to what you ask or order still reach you.`,
    button: "Unsubscribe",
  },
  unsubscribed: {
    title: "You are unsubscribed",
    told: (name) =>
      `${name} sends you no more news and offers by e-mail. Answers to what you ask or order still reach you.`,
    close: "You need not do anything else, and can close this page.",
  },
  confirm: {
    title: "Confirm your subscription",
    ask: (name) => `Press the button to get news and offers from ${name} by e-mail. You can stop at any time.`,
    button: "Confirm",
  },
  confirmed: {
    title: "Thank you",
    told: (name) =>
      `Your confirmation has arrived. If you asked for news from ${name} within the last 30 days, you are subscribed now; otherwise tick the box in one of our forms again.`,
  },
  preferences: {
    title: "What you get from us",
    intro: (name) =>
      `News and offers from ${name} by e-mail. Answers to what you ask or order reach you whatever you choose.`,
    topic: { keep: "Leave it as it is", on: "Send it to me", off: "Do not send it" },
    frequency: "How often at most",
    frequencies: {
      keep: "Leave it as it is",
      every: "Whenever there is something",
      weekly: "Once a week",
      monthly: "Once a month",
    },
    save: "Save",
    all: "Send me news and offers",
    pause: "Pause them for 30 days",
    none: "Send me none",
  },
  kept: {
    title: "Your choice is kept",
    told: {
      all: "News and offers reach you from now on.",
      pause: "You get no news and offers for 30 days; afterwards they go on.",
      none: "You get no more news and offers.",
      save: "From now on you get what you chose.",
    },
    again: "You can change it at any time by the same link.",
  },
};

const de: PreferenceWords = {
  unsubscribe: {
    title: "Abmelden",
    ask: (name) =>
      `Möchten Sie von ${name} keine Neuigkeiten und Angebote per E-Mail mehr? Antworten auf Ihre Fragen und Bestellungen erreichen Sie weiterhin.`,
    button: "Abmelden",
  },
  unsubscribed: {
    title: "Sie sind abgemeldet",
    told: (name) =>
      `${name} schickt Ihnen keine Neuigkeiten und Angebote per E-Mail mehr. Antworten auf Ihre Fragen und Bestellungen erreichen Sie weiterhin.`,
    close: "Sie müssen nichts weiter tun und können diese Seite schließen.",
  },
  confirm: {
    title: "Anmeldung bestätigen",
    ask: (name) =>
      `Mit einem Druck auf den Knopf bekommen Sie Neuigkeiten und Angebote von ${name} per E-Mail. Sie können das jederzeit beenden.`,
    button: "Bestätigen",
  },
  confirmed: {
    title: "Danke",
    told: (name) =>
      `Ihre Bestätigung ist angekommen. Haben Sie in den letzten 30 Tagen um Neuigkeiten von ${name} gebeten, sind Sie nun angemeldet; andernfalls kreuzen Sie das Feld in einem unserer Formulare bitte erneut an.`,
  },
  preferences: {
    title: "Was Sie von uns bekommen",
    intro: (name) =>
      `Neuigkeiten und Angebote von ${name} per E-Mail. Antworten auf Ihre Fragen und Bestellungen erreichen Sie in jedem Fall.`,
    topic: { keep: "So lassen, wie es ist", on: "Ja, bitte senden", off: "Nein, nicht senden" },
    frequency: "Wie oft höchstens",
    frequencies: {
      keep: "So lassen, wie es ist",
      every: "Sooft es etwas gibt",
      weekly: "Einmal in der Woche",
      monthly: "Einmal im Monat",
    },
    save: "Speichern",
    all: "Neuigkeiten und Angebote senden",
    pause: "30 Tage Pause",
    none: "Nichts mehr senden",
  },
  kept: {
    title: "Ihre Wahl ist gespeichert",
    told: {
      all: "Neuigkeiten und Angebote erreichen Sie von nun an.",
      pause: "Sie bekommen 30 Tage lang keine Neuigkeiten und Angebote; danach geht es weiter.",
      none: "Sie bekommen keine Neuigkeiten und Angebote mehr.",
      save: "Von nun an bekommen Sie, was Sie gewählt haben.",
    },
    again: "Sie können das über denselben Link jederzeit ändern.",
  },
};

const words: Readonly<Record<string, PreferenceWords>> = { en, de };

/**
 * The sentences in the language that a browser prefers of those there are, else in English.
 *
 * @param acceptLanguage the header, such as `de-AT,de;q=0.9,en;q=0.5`
 */
export function preferenceWords(acceptLanguage = ""): { readonly language: string; readonly words: PreferenceWords } {
  const wanted = acceptLanguage.split(",").map((part) => {
    const [tag = "", quality = "q=1"] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    return { language: tag.split("-")[0] ?? "", quality: Number(quality.replace("q=", "")) || 0 };
  });
  const byQuality = wanted.toSorted((a, b) => b.quality - a.quality);
  for (const { language, quality } of byQuality) {
    const found = Object.hasOwn(words, language) ? words[language] : undefined;
    if (found !== undefined && quality > 0) return { language, words: found };
  }
  return { language: "en", words: en };
}
