import { type $ZodType, type output, prettifyError, safeParse } from "zod/v4/core";

/**
 * The process's environment by its schema: the only place that reads `process.env`.
 *
 * @throws Error that names each variable that is missing or wrong.
 */
export function readEnvironment<Schema extends $ZodType>(schema: Schema): output<Schema> {
  const parsed = safeParse(schema, process.env);
  if (!parsed.success) {
    throw new Error(`The function's environment is not as its contract says:\n${prettifyError(parsed.error)}`);
  }
  return parsed.data;
}
