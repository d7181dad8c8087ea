import { $ZodError } from "zod/v4/core";
import { DomainError } from "../errors.ts";

/** Where a body is not as its sender documents it; undefined for a fault of ours. Never a value of the body. */
export function unreadableIn(error: unknown): readonly string[] | undefined {
  if (error instanceof $ZodError) return error.issues.map(({ path, code }) => `/${path.join("/")}: ${code}`);
  if (!(error instanceof DomainError) || error.code !== "invalid_input") return undefined;
  return error.errors.map(({ pointer, code }) => `${pointer}: ${code}`);
}
