import type { House } from "../http/house.ts";
import { type Html, html } from "../http/html.ts";
import { pageReply } from "../http/page.ts";
import type { Reply } from "../http/reply.ts";
import { type Choice, choiceSchema } from "../intake/intake.ts";
import { preferenceWords } from "./preference-words.ts";
import type { Topic } from "./topics.ts";

/** Who shows a page, and in which language its reader's browser likes it best. */
export interface Showing {
  readonly house: House;
  readonly topics: readonly Topic[];
  readonly acceptLanguage: string | undefined;
}

function page({ house, acceptLanguage }: Showing, title: string, body: Html): Reply {
  const { language } = preferenceWords(acceptLanguage);
  // The address of the page is the person's own link: no other site may learn it.
  return pageReply({ title, body, house, language, referrerPolicy: "no-referrer" });
}

/** A button whose post goes to the page's own address. */
function button(label: string): Html {
  return html`<form method="post"><button>${label}</button></form>`;
}

/** Asks before anything is done: mail scanners follow links, people press buttons. */
export function unsubscribePage(showing: Showing): Reply {
  const { title, ask, button: label } = preferenceWords(showing.acceptLanguage).words.unsubscribe;
  return page(
    showing,
    title,
    html`<p>${ask(showing.house.publicName)}</p>
${button(label)}`,
  );
}

export function unsubscribedPage(showing: Showing): Reply {
  const { title, told, close } = preferenceWords(showing.acceptLanguage).words.unsubscribed;
  return page(
    showing,
    title,
    html`<p>${told(showing.house.publicName)}</p>
<p>${close}</p>`,
  );
}

/** Asks before anything is done. */
export function confirmPage(showing: Showing): Reply {
  const { title, ask, button: label } = preferenceWords(showing.acceptLanguage).words.confirm;
  return page(
    showing,
    title,
    html`<p>${ask(showing.house.publicName)}</p>
${button(label)}`,
  );
}

export function confirmedPage(showing: Showing): Reply {
  const { title, told } = preferenceWords(showing.acceptLanguage).words.confirmed;
  return page(showing, title, html`<p>${told(showing.house.publicName)}</p>`);
}

/**
 * The preference centre. A public page reads nothing of anyone, so it cannot show what is chosen already: each choice
 * begins as "leave it as it is".
 */
export function preferencesPage(showing: Showing): Reply {
  const { preferences: words } = preferenceWords(showing.acceptLanguage).words;
  const choice = (value: Choice["choice"], label: string) =>
    html`<form method="post"><input type="hidden" name="choice" value="${value}"><button>${label}</button></form>`;
  return page(
    showing,
    words.title,
    html`<p>${words.intro(showing.house.publicName)}</p>
<form method="post"><input type="hidden" name="choice" value="save">
${showing.topics.map(({ id, name, description }) => select(`topic-${id}`, name, description, words.topic))}
${select("frequency", words.frequency, undefined, words.frequencies)}
<button>${words.save}</button></form>
${choice("all", words.all)}
${choice("pause", words.pause)}
${choice("none", words.none)}`,
  );
}

function select(
  name: string,
  label: string,
  description: string | undefined,
  options: Readonly<Record<string, string>>,
): Html {
  return html`<div class="field"><label for="${name}">${label}</label>
${description !== undefined && html`<p class="hint">${description}</p>`}
<select id="${name}" name="${name}">${Object.entries(options).map(
    ([value, words]) => html`<option value="${value}">${words}</option>`,
  )}</select></div>
`;
}

export function preferencesKeptPage(showing: Showing, { choice }: Choice): Reply {
  const { title, told, again } = preferenceWords(showing.acceptLanguage).words.kept;
  return page(showing, title, html`<p>${told[choice]} ${again}</p>`);
}

/**
 * What a post of the preference centre chose, with the words that were agreed to.
 *
 * @returns undefined for what the page does not offer.
 */
export function choiceFrom(entries: URLSearchParams, { topics, acceptLanguage }: Showing): Choice | undefined {
  const { preferences: words } = preferenceWords(acceptLanguage).words;
  const chosen = [...entries].filter(([, value]) => value !== "keep");
  const named = chosen.flatMap(([name, value]) => (name.startsWith("topic-") ? [[name.slice(6), value] as const] : []));
  const shown = topics
    .filter(({ id }) => entries.get(`topic-${id}`) === "on")
    .map(({ name }) => `${name}: ${words.topic.on}`);
  const choice = entries.get("choice");
  const read = choiceSchema.safeParse({
    choice,
    ...(choice === "all" && { shown: words.all }),
    ...(choice === "save" && {
      ...(named.length > 0 && { topics: Object.fromEntries(named) }),
      ...(shown.length > 0 && { shown: shown.join("; ") }),
      ...Object.fromEntries(chosen.filter(([name]) => name === "frequency")),
    }),
  });
  const known = new Set(topics.map(({ id }) => id));
  return read.success && named.every(([id]) => known.has(id)) ? read.data : undefined;
}
