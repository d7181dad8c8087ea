import * as z from "zod/mini";

/** Secrets of one partner, the newest first; `until` is when an older one's time is over. */
export const heldSecretsSchema = z.array(z.object({ value: z.string(), until: z.optional(z.string()) }));
export type HeldSecrets = z.infer<typeof heldSecretsSchema>;

/** How long the secret that was there before still counts, so that nothing is lost while it is exchanged. */
export const oldSecretHoursSchema = z._default(z.number().check(z.gte(0), z.lte(168)), 24);

/** How many secrets count at the same time. */
const keptSecrets = 3;

/** The secrets after a new one was given: it counts for good, the others until their time is over. */
export function exchanged(
  held: HeldSecrets,
  { secret, oldSecretHours }: { readonly secret: string; readonly oldSecretHours: number },
  now: Date,
): HeldSecrets {
  const latest = new Date(now.getTime() + oldSecretHours * 3_600_000).toISOString();
  const old = held
    .filter(({ value, until }) => value !== secret && (until === undefined || until > now.toISOString()))
    .map(({ value, until }) => ({ value, until: until === undefined || until > latest ? latest : until }))
    .filter(({ until }) => until > now.toISOString());
  return [{ value: secret }, ...old].slice(0, keptSecrets);
}

/** The secrets that count now, the newest first. */
export function validSecrets({ secrets }: { readonly secrets: HeldSecrets }, now: Date): readonly string[] {
  return secrets.filter(({ until }) => until === undefined || until > now.toISOString()).map(({ value }) => value);
}
