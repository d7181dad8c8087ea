/**
 * A claim that was an array reaches a function behind an HTTP API as the string `"[a b]"`.
 *
 * @returns its members; a plain string is a list of one, nothing is an empty list.
 */
export function claimList(claim: unknown): readonly string[] {
  if (Array.isArray(claim)) return claim.filter((member) => typeof member === "string");
  if (typeof claim !== "string") return [];
  const inner = /^\[(.*)\]$/s.exec(claim.trim())?.[1];
  return (inner ?? claim).split(/[\s,]+/).filter((member) => member !== "");
}
