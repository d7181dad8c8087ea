import type { Clock } from "../interfaces.ts";

export interface QuotaOptions {
  /** Recipients per second; unlimited when left out. */
  readonly maxSendRate?: number;
  /** Recipients in any 24 hours; unlimited when left out. */
  readonly daily?: number;
}

export interface Quota {
  readonly limits: QuotaOptions;
  /** Changes the limits from now on, as AWS does on request. */
  change(limits: QuotaOptions): void;
  /** Takes the recipients from the quota, or says in SES's words why it cannot. */
  take(recipients: number): string | undefined;
  sentLast24Hours(): number;
}

const DAY_MS = 86_400_000;

/** SES's sending quotas on the host's clock: a rate over the last second and a sum over the last 24 hours. */
export function createQuota(options: QuotaOptions & { readonly clock: Clock }): Quota {
  const { clock, ...initial } = options;
  let limits: QuotaOptions = initial;
  let sent: { readonly at: number; readonly recipients: number }[] = [];

  function since(ms: number): number {
    const from = clock.now() - ms;
    return sent.reduce((sum, each) => (each.at > from ? sum + each.recipients : sum), 0);
  }

  return {
    get limits() {
      return limits;
    },
    change(next) {
      limits = next;
    },
    take(recipients) {
      const { maxSendRate = Number.POSITIVE_INFINITY, daily = Number.POSITIVE_INFINITY } = limits;
      const expired = clock.now() - DAY_MS;
      if (sent[0] && sent[0].at <= expired) sent = sent.filter(({ at }) => at > expired);
      if (daily !== Number.POSITIVE_INFINITY && since(DAY_MS) + recipients > daily)
        return "Daily message quota exceeded.";
      if (maxSendRate !== Number.POSITIVE_INFINITY && since(1000) + recipients > maxSendRate) {
        return "Maximum sending rate exceeded.";
      }
      sent.push({ at: clock.now(), recipients });
      return undefined;
    },
    sentLast24Hours: () => since(DAY_MS),
  };
}
