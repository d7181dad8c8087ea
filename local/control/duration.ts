const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `25h`, `90s`, `1d12h`, `1500ms` in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(?:\.\d+)?(ms|s|m|h|d|w))+$/.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g);
  return [...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * factor(unit), 0);
}

function factor(unit: string | undefined): number {
  const found = Object.entries(units).find(([name]) => name === unit);
  return found?.[1] ?? 0;
}
