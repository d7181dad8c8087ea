/** A token bucket: `burst` requests at once, `rate` more each second. */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #at: number;

  constructor(limits: { readonly rate: number; readonly burst: number }, now: number) {
    this.#rate = limits.rate;
    this.#burst = limits.burst;
    this.#tokens = limits.burst;
    this.#at = now;
  }

  /** True when a request may pass at this instant (milliseconds, on the host's clock). */
  take(now: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1_000) * this.#rate);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
