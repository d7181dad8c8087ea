/** What SES tells of an open or a click that says whether a person was at it. */
export interface Reading {
  /** When SES took the mail. */
  readonly sentAt: Date;
  readonly at: Date;
  readonly userAgent?: string | undefined;
}

/** Sooner than this after SES took the mail, nobody has read it. */
const fastestReader = 5_000;
/** Two different links of one mail closer together than this were followed by a scanner. */
const fastestHand = 1_000;

/**
 * Programs that fetch the pictures of mail nobody looks at (Apple's Mail Privacy Protection calls itself no more than
 * `Mozilla/5.0`; the Edge 12 is Gmail's prefetch), or follow its links to see what is behind them. Gmail's ordinary
 * image proxy is none of them: it fetches when the mail is shown.
 */
const machines: readonly RegExp[] = [
  /^Mozilla\/5\.0$/,
  /YahooMailProxy/i,
  /Edge\/12\.246 Mozilla\/5\.0$/,
  /bot\b|crawler|spider|scanner|preview|headless|curl\/|wget\/|python|go-http-client|java\/|okhttp|libwww|axios\/|node-fetch/i,
  /barracuda|mimecast|proofpoint|fireeye|trendmicro|symantec|forcepoint|safelinks/i,
];

/** Whether an open or a click is surely a machine's, by its sender's name or its haste. */
export function isMachine({ sentAt, at, userAgent }: Reading): boolean {
  if (at.getTime() - sentAt.getTime() < fastestReader) return true;
  return userAgent !== undefined && machines.some((machine) => machine.test(userAgent.trim()));
}

/** A click as it is judged among the others of its mail. */
export interface Click {
  /** Names the mail. */
  readonly mail: string;
  readonly link: string;
  /** ISO 8601. */
  readonly at: string;
  readonly machine?: boolean | undefined;
}

/**
 * The clicks that a person may have made: not a machine's by itself, and none of several links of one mail followed
 * within a second, as scanners do. It depends on the clicks alone, not on their order.
 */
export function humanClicks<One extends Click>(clicks: readonly One[]): readonly One[] {
  const byMail = Map.groupBy(clicks, ({ mail }) => mail);
  return clicks.filter((click) => {
    if (click.machine === true) return false;
    const others = byMail.get(click.mail) ?? [];
    return !others.some(
      ({ link, at }) => link !== click.link && Math.abs(Date.parse(at) - Date.parse(click.at)) < fastestHand,
    );
  });
}
