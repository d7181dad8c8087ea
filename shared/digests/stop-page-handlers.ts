import type { TokenKeys } from "../email/tokens.ts";
import type { House } from "../http/house.ts";
import { type Html, html } from "../http/html.ts";
import { pageReply } from "../http/page.ts";
import { asPage } from "../http/page-handlers.ts";
import type { Handlers } from "../http/router.ts";
import type { digestPageRoutes } from "../http/routes/digest-pages.ts";
import { intakeIdOf } from "../intake/intake-keys.ts";
import { putIntake } from "../intake/intake-store.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { type StopLink, stopLinkOf } from "./stop-link.ts";

interface Dependencies {
  readonly table: Table;
  readonly house: House;
  readonly now: () => Date;
  readonly tokenKeys: () => Promise<TokenKeys>;
}

/** The page behind a digest's link to stop it. A GET changes nothing, a POST appends one intake item; a stage stops. */
export function stopPageHandlers({ table, house, now, tokenKeys }: Dependencies): Handlers<typeof digestPageRoutes> {
  const page = (title: string, body: Html) => pageReply({ title, body, house, referrerPolicy: "no-referrer" });

  return {
    showStopDigest: ({ params }) =>
      asPage(house, async () => {
        stopLinkOf(await tokenKeys(), params.token);
        const said = html`<p>${house.publicName} sends you a digest of its KPIs by e-mail. Once you press the button it stops.</p>
<form method="post"><button>Stop this digest</button></form>`;
        return page("Stop this digest?", said);
      }),

    stopDigest: ({ params }) =>
      asPage(house, async () => {
        await keepStop(table, stopLinkOf(await tokenKeys(), params.token), now());
        const said = html`<p>You get this digest no more. Other digests and mails of ${house.publicName} stay as they are.</p>
<p>Whoever manages the KPIs can start it again for you.</p>`;
        return page("The digest is stopped", said);
      }),
  };
}

/** One durable write. Presses within a second are one; a later one may stop what has been started again. */
async function keepStop(table: Table, link: StopLink, now: Date): Promise<void> {
  const bodyHash = digestOf([link.digestId, link.addressHash]);
  const second = String(Math.floor(now.getTime() / 1_000));
  await putIntake(table, {
    type: "digestStop",
    intakeId: intakeIdOf(["digest", second], bodyHash),
    bodyHash,
    payload: link,
    receivedAt: now,
  });
}
