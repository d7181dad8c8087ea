import * as z from "zod/mini";

/** The name of a webhook endpoint. */
export const endpointIdSchema = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9-]{0,39}$/, "small letters, digits and - (40 at most)"));
