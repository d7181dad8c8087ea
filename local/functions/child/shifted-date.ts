/**
 * Makes a `Date` that reads `offset()` milliseconds ahead of the machine's clock: `new Date()`, `Date.now()` and `Date()`
 * follow it; everything that names an instant (`new Date(0)`, `Date.parse`) stays as it is. It shares the native prototype,
 * so subclasses and `instanceof` work, also for dates made before.
 */
export function shiftedDate(native: DateConstructor, offset: () => number): DateConstructor {
  const now = () => native.now() + offset();
  return new Proxy(native, {
    construct: (target, values, newTarget) =>
      Reflect.construct(target, values.length === 0 ? [now()] : values, newTarget),
    apply: (target) => new target(now()).toString(),
    get: (target, property, receiver) => (property === "now" ? now : Reflect.get(target, property, receiver)),
  });
}

/** Puts the shifted clock in the place of the global one. */
export function installShiftedDate(offset: () => number): void {
  const shifted = shiftedDate(Date, offset);
  // `someDate.constructor` must lead to the shifted clock too.
  Object.defineProperty(Date.prototype, "constructor", { value: shifted, configurable: true, writable: true });
  globalThis.Date = shifted;
}
