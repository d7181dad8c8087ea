import type { Page } from "../intake/intake.ts";
import { campaignNames, type Entries, ownNames } from "./submission.ts";

const longest = 300;

/**
 * Where a form was filled in and what led there: what the page sent, else the `Referer` header and the campaign
 * parameters of the page's own address. Nothing here is refused.
 *
 * @returns undefined when nothing is known.
 */
export function sourceOf(entries: Entries, refererHeader: string | undefined): Page | undefined {
  const address = clean(entries.get(ownNames.url)) ?? clean(refererHeader);
  const url = address !== undefined && URL.canParse(address) ? new URL(address) : undefined;
  const page: { -readonly [Part in keyof Page]: Page[Part] } = {};
  if (url !== undefined) page.url = `${url.origin}${url.pathname}`;
  const referrer = clean(entries.get(ownNames.referrer));
  if (referrer !== undefined) page.referrer = referrer;
  for (const [name, part] of Object.entries(campaignNames)) {
    const value = clean(entries.get(name)) ?? clean(url?.searchParams.get(name));
    if (value !== undefined) page[part] = value;
  }
  return Object.keys(page).length === 0 ? undefined : page;
}

function clean(raw: unknown): string | undefined {
  if (typeof raw !== "string") return undefined;
  const text = raw
    .replaceAll(/\p{Cc}/gu, "")
    .trim()
    .slice(0, longest)
    .toWellFormed();
  return text === "" ? undefined : text;
}
