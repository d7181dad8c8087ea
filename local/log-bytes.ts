/** CloudWatch counts this many bytes for each event beside its text. */
const EVENT_OVERHEAD_BYTES = 26;

/** What CloudWatch bills for one line of a log. */
export function loggedBytes(line: string): number {
  return Buffer.byteLength(line) + EVENT_OVERHEAD_BYTES;
}
