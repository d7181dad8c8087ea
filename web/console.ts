import { type Act, ApiError, createApi } from "./api.ts";
import { show } from "./dom.ts";
import { frameView, problemView, signInView, waitingView } from "./frame.ts";
import type { AnyPage, Page } from "./page.ts";
import { pageAt } from "./places.ts";
import { SignInError } from "./sign-in/issuer.ts";
import { isReturn, openSession } from "./sign-in/session.ts";
import { type Child, h } from "./tree.ts";

/** Starts the console: this file alone knows the browser's own address, storage and clock. */
const found = document.getElementById("console");
if (found === null) throw new Error("the page has no place for the console");
const root: Element = found;
const { publicName = "", issuer = "", clientId = "" } = found.dataset;
const home = `${location.origin}${location.pathname}`;
const fetch = window.fetch.bind(window);
const session = openSession({ issuer, clientId, returnUrl: home, storage: sessionStorage, fetch, now: Date.now });
const api = createApi(location.origin, session, fetch);

const here = () => location.hash.slice(1);

let stopPage = () => {};

async function start(): Promise<void> {
  window.addEventListener("hashchange", () => {
    open();
    // Who cannot see that the page is another hears it.
    document.getElementById("main")?.focus({ preventScroll: true });
  });
  const address = new URL(location.href);
  if (isReturn(address)) {
    // The code is used once, and has no business in the history.
    history.replaceState(null, "", home);
    try {
      const back = await session.finish(address);
      history.replaceState(null, "", `${home}#${back}`);
    } catch (error) {
      return showSignIn(wordsOf(error));
    }
  }
  open();
}

function open(): void {
  stopPage();
  const page = pageAt(here());
  if (session.person() === undefined) showSignIn();
  else if (page === undefined) showFrame("Not found", "There is no such page.");
  else runPage(page);
  window.scrollTo(0, 0);
}

function runPage(any: AnyPage): void {
  any(<Data>(page: Page<Data>) => {
    let data: Data | undefined;
    let readAt: number | undefined;
    let problem: ApiError | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOpen = true;
    let isReading = false;
    let isReadAgain = false;

    const render = () => {
      const { title, trail, refreshSeconds: everySeconds } = page;
      const wrong = problem && problemView(problem, { signIn, again: read });
      const shown = data === undefined ? problem === undefined && waitingView() : page.view(data, act);
      // Each in a place of its own: what somebody has typed stays when something went wrong.
      const body: Child = [h("div", {}, wrong), h("div", {}, shown)];
      const reading = { at: readAt, isReading: problem === undefined, refresh: read, everySeconds };
      showFrame(title(data), body, { trail, ...(problem?.status !== 401 && { reading }) });
    };

    async function read(): Promise<void> {
      clearTimeout(timer);
      if (isReading || !isOpen) return;
      isReading = true;
      try {
        for await (const next of page.load(api, data)) {
          if (!isOpen) return;
          data = next;
          problem = undefined;
          readAt = Date.now();
          render();
        }
      } catch (error) {
        if (!isOpen) return;
        problem = problemOf(error);
        render();
      } finally {
        isReading = false;
      }
      if (isReadAgain) {
        isReadAgain = false;
        return read();
      }
      schedule();
    }

    const act: Act = async (work) => {
      try {
        await work(api);
        problem = undefined;
      } catch (error) {
        problem = problemOf(error);
        render();
        return;
      }
      // What is being read may be from before the change.
      isReadAgain = isReading;
      void read();
    };

    /** Nobody reads for a tab that nobody sees. */
    function schedule(): void {
      clearTimeout(timer);
      if (!isOpen || document.visibilityState !== "visible" || problem?.status === 401) return;
      timer = setTimeout(read, page.refreshSeconds * 1000);
    }

    const onVisibility = () => {
      const isStale = Date.now() - (readAt ?? 0) > page.refreshSeconds * 1000;
      if (document.visibilityState === "visible" && isStale) void read();
      else schedule();
    };
    document.addEventListener("visibilitychange", onVisibility);
    stopPage = () => {
      isOpen = false;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisibility);
    };
    render();
    void read();
  });
}

function showSignIn(message?: string): void {
  document.title = `Sign in · ${publicName}`;
  show(
    root,
    frameView({
      publicName,
      person: undefined,
      place: here(),
      title: "Sign in",
      body: signInView({ message, signIn }),
    }),
  );
}

function showFrame(title: string, body: Child, more: Partial<Parameters<typeof frameView>[0]> = {}): void {
  document.title = `${title} · ${publicName}`;
  show(root, frameView({ publicName, person: session.person(), signOut, place: here(), title, body, ...more }));
}

async function signIn(): Promise<void> {
  stopPage();
  try {
    location.assign(await session.begin(here()));
  } catch (error) {
    showSignIn(wordsOf(error));
  }
}

async function signOut(): Promise<void> {
  stopPage();
  try {
    location.assign(await session.end());
  } catch (error) {
    showSignIn(wordsOf(error));
  }
}

function problemOf(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof SignInError) return new ApiError(0, "No connection", error.message);
  console.error(error);
  return new ApiError(0, "The page has a fault", "Load it again. If that does not help, tell your administrator.");
}

function wordsOf(error: unknown): string {
  return error instanceof SignInError ? error.message : problemOf(error).message;
}

void start();
