import type { Dated, Profile } from "./profile-schema.ts";
import { standing } from "./profile-values.ts";

/** Addresses of one contact that are told apart: which ones depends on the addresses alone. */
const mostAddresses = 10;

/**
 * A contact's addresses after one was told. Mail goes to the one that stands (`standing`): a shop or a server that gives
 * the address of an account of its own is believed, the latest over the earlier; anything else fills a blank only.
 */
export function withAddress(profile: Profile, given: Dated | undefined): Pick<Profile, "email" | "addresses"> {
  if (given === undefined) return { email: profile.email };
  const { email = given, addresses = [] } = profile;
  const all = new Set([...addresses, email.value, given.value].map((address) => address.toLowerCase()));
  return {
    email: standing(email, given),
    ...(all.size > 1 && { addresses: [...all].sort().slice(0, mostAddresses) }),
  };
}

/** The addresses that a contact is known by, but for the one that mail goes to. */
export function otherAddresses({ email, addresses = [] }: Pick<Profile, "email" | "addresses">): readonly string[] {
  return addresses.filter((address) => address !== email?.value.toLowerCase());
}
