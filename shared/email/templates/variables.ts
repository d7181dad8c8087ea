import { Liquid } from "liquidjs";

/** `true`: a value; `open`: an object of any members; a list stands for its elements. */
type Known = true | "open" | readonly [Known] | { readonly [name: string]: Known };

const line: Known = { name: true, quantity: true, price: true, url: true, imageUrl: true, productId: true, sku: true };

/** Every variable that a template may name. */
const known: { readonly [name: string]: Known } = {
  contact: {
    ...Object.fromEntries(
      "email firstName lastName name company jobTitle phone website city country"
        .split(" ")
        .map((name) => [name, true]),
    ),
    traits: "open",
  },
  event: "open",
  data: "open",
  cart: { id: true, url: true, value: true, lines: [line], more: true },
  order: { id: true, total: true, lines: [line] },
  offer: { code: true, text: true },
  recommendations: [line],
  survey: { title: true, question: true, url: true, buttons: true, links: [{ score: true, url: true }] },
  account: { name: true, postalAddress: true },
  publicName: true,
  postalAddress: true,
  formTitle: true,
  subject: true,
  preheader: true,
  why: true,
  confirmUrl: true,
  unsubscribeUrl: true,
  /** The name that other systems give it. */
  unsubscribe_url: true,
  preferencesUrl: true,
};

/** The variables as an error lists them: `contact.firstName, …, event.*, cart.lines, …`. */
export const knownVariables: readonly string[] = Object.entries(known).flatMap(([name, value]) => namesOf(name, value));

function namesOf(name: string, value: Known): string[] {
  if (value === true) return [name];
  if (value === "open") return [`${name}.*`];
  if (isList(value)) return [name];
  return Object.entries(value).flatMap(([member, inner]) => namesOf(`${name}.${member}`, inner));
}

function isList(value: Known): value is readonly [Known] {
  return Array.isArray(value);
}

// With a locale, since asking `Intl` for the machine's takes 12 ms of each start.
const analyser = new Liquid({ templates: {}, locale: "en-US" });

/** The variables of a Liquid text that no mail has, also those in branches that an example would not take. */
export function unknownVariables(source: string): string[] {
  const paths = analyser.globalVariableSegmentsSync(source);
  return paths.filter((path) => !isKnown(path, known)).map((path) => path.map(String).join("."));
}

function isKnown(path: readonly unknown[], at: Known): boolean {
  const [first, ...rest] = path;
  if (first === undefined || at === "open") return true;
  if (first === "size" || first === "first" || first === "last") return true;
  if (at === true) return false;
  if (isList(at)) return typeof first === "string" ? false : isKnown(rest, at[0]);
  if (typeof first !== "string") return false;
  const inner = Object.hasOwn(at, first) ? at[first] : undefined;
  return inner !== undefined && isKnown(rest, inner);
}
