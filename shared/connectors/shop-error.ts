/** The shop cannot answer now: throttled, failing, cut off or too slow. The same call may succeed later. */
export class ShopBusy extends Error {
  override readonly name = "ShopBusy";
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: string, options: { retryAfterSeconds?: number | undefined; cause?: unknown } = {}) {
    super(problem, { cause: options.cause });
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The shop will not answer this call, however often it is asked. The message tells people what to mend. */
export class ShopRefusal extends Error {
  override readonly name = "ShopRefusal";
}
