/** What a view makes: markup as data. Text is always text, so nothing from outside can become markup. */
export interface Tree {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly listeners: Readonly<Record<string, (event: Event) => void>>;
  readonly children: readonly (Tree | string)[];
}

export type Child = Tree | string | number | false | undefined | readonly Child[];
type Value = string | number | boolean | undefined | ((event: Event) => void);

/**
 * An element.
 *
 * @param attributes `true` writes a bare attribute, `false` and nothing leave it out; a function listens, under the
 * name of the event: `{ click: () => … }`
 */
export function h(tag: string, attributes: Readonly<Record<string, Value>> = {}, ...children: readonly Child[]): Tree {
  const listeners: Record<string, (event: Event) => void> = {};
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") listeners[name] = value;
    else if (value !== undefined && value !== false) texts[name] = value === true ? "" : String(value);
  }
  return { tag, attributes: texts, listeners, children: flatten(children) };
}

function flatten(children: readonly Child[]): (Tree | string)[] {
  const flat = children.flatMap((child): (Tree | string)[] => {
    if (child === undefined || child === false || child === "") return [];
    if (typeof child === "string" || typeof child === "number") return [String(child)];
    return "tag" in child ? [child] : flatten(child);
  });
  // A browser joins texts that stand side by side; so it finds them joined.
  const joined: (Tree | string)[] = [];
  for (const child of flat) {
    const last = joined.at(-1);
    if (typeof child === "string" && typeof last === "string") joined[joined.length - 1] = last + child;
    else joined.push(child);
  }
  return joined;
}
