/** A reason not to start: one sentence that names what is wrong and the remedy. Shown without a stack trace. */
export class StartError extends Error {
  override name = "StartError";
}
