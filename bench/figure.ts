/** One measured figure; `goal` says what we aim at, in words a person and `--json` share. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly goal?: string;
  /** Whether the goal is met; undefined without one. */
  readonly met?: boolean;
}

/** A figure that should not exceed a bound. */
export function atMost(name: string, value: number, unit: string, bound: number): Figure {
  return { name, value, unit, goal: `≤ ${bound}`, met: value <= bound };
}

/** A figure without an aim of its own. */
export function plain(name: string, value: number, unit: string): Figure {
  return { name, value, unit };
}

/** Figures as lines: JSON for programs, columns for people. */
export function printFigures(figures: readonly Figure[], asJson: boolean): void {
  for (const { name, value, unit, goal, met } of figures) {
    const rounded = Number(value.toPrecision(4));
    if (asJson) console.log(JSON.stringify({ name, value: rounded, unit, goal: goal ?? null }));
    else
      console.log(`${mark(met)} ${name.padEnd(58)} ${String(rounded).padStart(10)} ${unit.padEnd(12)} ${goal ?? ""}`);
  }
}

function mark(met: boolean | undefined): string {
  if (met === undefined) return " ";
  return met ? "✔" : "✖";
}

/** The value below which a share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
