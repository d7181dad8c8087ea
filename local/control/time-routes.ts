import * as z from "zod";
import { ControlError, type ControlRoute, duration, parse } from "./route.ts";
import { clockState } from "./state.ts";

const advance = z.strictObject({ advance: duration, step: z.optional(duration) });
const drain = z.strictObject({ timeout: z.optional(duration) });
const mapping = z.strictObject({ function: z.string(), enabled: z.boolean() });
const chaos = z.strictObject({
  duplicate: z.optional(z.boolean()),
  shuffle: z.optional(z.boolean()),
  seed: z.optional(z.number().int()),
});

export const timeRoutes: readonly ControlRoute[] = [
  {
    method: "GET",
    path: "/clock",
    summary: "The host's time, and how far it is ahead of the machine's.",
    handle: ({ host }) => clockState(host),
  },
  {
    method: "POST",
    path: "/clock",
    summary:
      "Moves the time forward in steps (a minute unless said) and runs what falls due; answers when all is done.",
    example: { advance: "25h", step: "1m" },
    handle: async ({ host, body }) => {
      const journey = parse(advance, body);
      await host.timeMachine.advance(journey.advance, journey.step);
      return clockState(host);
    },
  },
  {
    method: "POST",
    path: "/drain",
    summary: "Answers when nothing is due or under way: streams read, queues empty, no invocation running.",
    example: { timeout: "60s" },
    handle: async ({ host, body }) => {
      const started = performance.now();
      await host.timeMachine.drain(parse(drain, body ?? {}).timeout);
      return { drained: true, ms: Math.round(performance.now() - started) };
    },
  },
  {
    method: "PUT",
    path: "/sources",
    summary: "Switches the queues that feed a function on or off; what waits meanwhile waits.",
    example: { function: "name", enabled: false },
    handle: ({ host, body }) => {
      const wanted = parse(mapping, body);
      const sources = host.events.sources.filter(({ feeds }) => feeds === wanted.function);
      if (sources.length === 0) throw new ControlError(404, `No queue feeds a function named ${wanted.function}.`);
      for (const source of sources) source.setEnabled?.(wanted.enabled);
      return wanted;
    },
  },
  {
    method: "GET",
    path: "/streams",
    summary: "How stream batches are disturbed now.",
    handle: ({ host }) => host.chaos,
  },
  {
    method: "PUT",
    path: "/streams",
    summary: "Hands each stream batch over twice, or records of different items out of order, as AWS may.",
    example: { duplicate: true, shuffle: true, seed: 1 },
    handle: ({ host, body }) => {
      const { duplicate = false, shuffle = false, seed = 1 } = parse(chaos, body);
      return Object.assign(host.chaos, { duplicate, shuffle, seed });
    },
  },
  {
    method: "POST",
    path: "/streams/replay",
    summary: "Hands every stream batch seen so far to its function once more.",
    handle: async ({ host }) => {
      await Promise.all(host.events.streams.map((stream) => stream.replay()));
      return { replayed: host.events.streams.length };
    },
  },
];
