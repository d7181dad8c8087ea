import type { Tree } from "./tree.ts";

const svg = "http://www.w3.org/2000/svg";
/** By element and event: what is called now. An entry without a listener stays, since the browser still calls it. */
const listening = new WeakMap<Element, Map<string, ((event: Event) => void) | undefined>>();

/**
 * Makes a place show some markup, and changes no more of it than differs: what has the focus keeps it, what was unfolded
 * stays so.
 */
export function show(place: Element, children: readonly (Tree | string)[]): void {
  children.forEach((wanted, at) => {
    const there = place.childNodes[at];
    const node = there !== undefined && fits(there, wanted) ? there : create(wanted, place);
    if (there === undefined) place.append(node);
    else if (node !== there) there.replaceWith(node);
    update(node, wanted);
  });
  while (place.childNodes.length > children.length) place.lastChild?.remove();
}

function fits(node: ChildNode, wanted: Tree | string): boolean {
  if (typeof wanted === "string") return node.nodeType === Node.TEXT_NODE;
  return node instanceof Element && node.localName === wanted.tag && node.id === (wanted.attributes.id ?? "");
}

function create(wanted: Tree | string, place: Element): ChildNode {
  if (typeof wanted === "string") return document.createTextNode(wanted);
  const namespace = wanted.tag === "svg" || place.namespaceURI === svg ? svg : "http://www.w3.org/1999/xhtml";
  return document.createElementNS(namespace, wanted.tag);
}

function update(node: ChildNode, wanted: Tree | string): void {
  if (typeof wanted === "string") {
    if (node.nodeValue !== wanted) node.nodeValue = wanted;
    return;
  }
  if (!(node instanceof Element)) return;
  for (const name of node.getAttributeNames()) {
    // Whether a part is unfolded is the reader's choice.
    if (name !== "open" && wanted.attributes[name] === undefined) node.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(wanted.attributes)) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  listen(node, wanted.listeners);
  show(node, wanted.children);
}

function listen(node: Element, wanted: Tree["listeners"]): void {
  const called = listening.get(node) ?? new Map<string, ((event: Event) => void) | undefined>();
  for (const type of new Set([...called.keys(), ...Object.keys(wanted)])) {
    if (!called.has(type)) node.addEventListener(type, (event) => called.get(type)?.(event));
    called.set(type, wanted[type]);
  }
  listening.set(node, called);
}
