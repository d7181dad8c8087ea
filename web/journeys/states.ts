import type { Answer } from "../api.ts";

type Head = Answer<"/v1/journeys">["items"][number];

type State = Pick<Head, "state" | "hasDraft" | "publishedVersion">;

/** A journey's state in words, and what follows from it. */
export function stateWords({ state, hasDraft, publishedVersion }: State): {
  readonly state: string;
  readonly note?: string;
} {
  const note = hasDraft && publishedVersion > 0 ? "A change waits to be published" : notes[state];
  return { state: states[state], ...(note !== undefined && { note }) };
}

const states = { draft: "Draft", published: "Running", paused: "Paused", archived: "Ended" } as const;

const notes: Partial<Record<Head["state"], string>> = {
  draft: "Does nothing until it is published",
  paused: "Sends nothing until it is resumed",
};

/** `Version 3`, or that there is none. */
export function versionWords({ publishedVersion }: Pick<Head, "publishedVersion">): string {
  return publishedVersion === 0 ? "Never published" : `Version ${publishedVersion}`;
}
