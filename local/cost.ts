import type { Tally } from "./gateway/meter.ts";

/** Prices of us-east-1 in dollars, looked up in November 2026. What a stack really costs is on AWS's own bill. */
export const prices = {
  httpRequest: 1.0 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGbSecond: 0.0000133334,
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  sqsRequest: 0.4 / 1e6,
  email: 0.1 / 1e3,
  logGigabyte: 0.5,
} as const;

/** What a tally would have cost on AWS, in dollars, by what was used. */
export interface Cost {
  readonly http: number;
  readonly lambda: number;
  readonly writes: number;
  readonly reads: number;
  readonly sqs: number;
  readonly email: number;
  readonly logs: number;
  readonly total: number;
}

type Billed = Pick<
  Tally,
  | "httpRequests"
  | "invocations"
  | "gbSeconds"
  | "writeUnits"
  | "readUnits"
  | "sqsRequests"
  | "sesRecipients"
  | "logBytes"
>;

/** Prices a tally. Free tiers, data transfer and storage are left out. */
export function costOf(tally: Billed): Cost {
  const parts = {
    http: tally.httpRequests * prices.httpRequest,
    lambda: tally.invocations * prices.lambdaRequest + tally.gbSeconds * prices.lambdaGbSecond,
    writes: tally.writeUnits * prices.writeUnit,
    reads: tally.readUnits * prices.readUnit,
    sqs: tally.sqsRequests * prices.sqsRequest,
    email: tally.sesRecipients * prices.email,
    logs: (tally.logBytes / 1e9) * prices.logGigabyte,
  };
  return { ...parts, total: Object.values(parts).reduce((sum, part) => sum + part, 0) };
}
