/** Whether a journey was archived after a run of it began, by its head as it is now. */
export function isArchivedFor(
  { state, archivedAt }: { readonly state: string; readonly archivedAt?: string | undefined },
  { startedAt }: { readonly startedAt: string },
): boolean {
  return state === "archived" || (archivedAt !== undefined && startedAt <= archivedAt);
}
