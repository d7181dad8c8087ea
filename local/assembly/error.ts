import { StartError } from "../start-error.ts";

/** The assembly asks for something that the host does not emulate, or cannot be read. */
export class AssemblyError extends StartError {
  override name = "AssemblyError";
}
