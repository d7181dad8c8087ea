import type { Standing } from "./standing.ts";

/** Whether marketing may be written to somebody who stands so. */
export function mayMarket(standings: readonly Standing[]): boolean {
  return standings.some(({ state }) => state === "granted");
}
