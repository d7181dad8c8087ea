import * as z from "zod/mini";

/** The largest batch that the door takes, in bytes and in events. */
export const largestBatch = 512_000;
export const mostEvents = 100;
/** A browser has less to tell at a time. */
export const mostFromBrowser = 25;

/** A batch of calls, each with its own `type`. `sentAt` is that of each event that has none. */
export const batchSchema = z.looseObject({
  batch: z.array(z.record(z.string(), z.unknown())).check(z.minLength(1)),
  sentAt: z.optional(z.unknown()),
});

/** Where browsers put their key: a beacon has no headers of its own. */
export const writeKeySchema = z.looseObject({
  writeKey: z.optional(z.string().check(z.regex(/^[\w-]{1,100}$/, "is not a write key"))),
});
