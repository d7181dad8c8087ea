import type { Act, Api } from "./api.ts";
import type { Child } from "./tree.ts";

/** A page of the console: what it reads, and how it looks. */
export interface Page<Data> {
  readonly title: (data: Data | undefined) => string;
  /** The way back to where the page was found. */
  readonly trail?: readonly { readonly title: string; readonly place: string }[];
  /** While somebody looks, it is read again this often. */
  readonly refreshSeconds: number;
  /** Reads what the page shows; each value that it yields is fuller than the last. */
  load(api: Api, before: Data | undefined): AsyncGenerator<Data>;
  /** Pure: the same data makes the same page. `act` does what somebody asks for by a button or a form. */
  view(data: Data, act: Act): Child;
}

/** A page without the type of its data, which only itself knows. */
export type AnyPage = <Result>(use: <Data>(page: Page<Data>) => Result) => Result;

export function anyPage<Data>(page: Page<Data>): AnyPage {
  return (use) => use(page);
}
