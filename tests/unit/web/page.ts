import { vi } from "vitest";

/** The little of a browser's document that the console touches. */
class FakeNode {
  parent: FakeElement | undefined;
  nodeType = 1;
  nodeValue: string | null = null;

  replaceWith(other: FakeNode): void {
    const list = this.parent?.childNodes ?? [];
    list[list.indexOf(this)] = other;
    other.parent = this.parent;
  }

  remove(): void {
    const list = this.parent?.childNodes ?? [];
    list.splice(list.indexOf(this), 1);
  }
}

class FakeElement extends FakeNode {
  readonly childNodes: FakeNode[] = [];
  readonly #attributes = new Map<string, string>();
  readonly #listeners: { readonly type: string; readonly call: (event: unknown) => void }[] = [];

  readonly namespaceURI: string;
  readonly localName: string;

  constructor(namespaceURI: string, localName: string) {
    super();
    this.namespaceURI = namespaceURI;
    this.localName = localName;
  }

  get id(): string {
    return this.#attributes.get("id") ?? "";
  }
  get lastChild(): FakeNode | undefined {
    return this.childNodes.at(-1);
  }
  append(node: FakeNode): void {
    this.childNodes.push(node);
    node.parent = this;
  }
  getAttributeNames = () => [...this.#attributes.keys()];
  getAttribute = (name: string) => this.#attributes.get(name) ?? null;
  setAttribute = (name: string, value: string) => void this.#attributes.set(name, value);
  removeAttribute = (name: string) => void this.#attributes.delete(name);
  addEventListener = (type: string, call: (event: unknown) => void) => void this.#listeners.push({ type, call });
  dispatch(type: string): void {
    for (const listener of this.#listeners) if (listener.type === type) listener.call({ type });
  }

  override toString(): string {
    const attributes = [...this.#attributes].map(([name, value]) => ` ${name}="${value}"`).join("");
    const inside = this.childNodes
      .map((node) => (node instanceof FakeElement ? String(node) : node.nodeValue))
      .join("");
    return `<${this.localName}${attributes}>${inside}</${this.localName}>`;
  }
}

/** Puts a document in place, and answers an element of it to show things in. */
export function openPage(): FakeElement {
  const createElementNS = (namespace: string, name: string) => new FakeElement(namespace, name);
  const createTextNode = (text: string) => Object.assign(new FakeNode(), { nodeType: 3, nodeValue: text });
  vi.stubGlobal("Node", { TEXT_NODE: 3 });
  vi.stubGlobal("Element", FakeElement);
  vi.stubGlobal("document", { createElementNS, createTextNode });
  return createElementNS("http://www.w3.org/1999/xhtml", "main");
}
