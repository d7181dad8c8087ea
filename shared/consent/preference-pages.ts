import type { House } from "../http/house.ts";
import { type Html, html } from "../http/html.ts";
import { pageReply } from "../http/page.ts";
import type { Reply } from "../http/reply.ts";

function page(house: House, title: string, body: Html): Reply {
  // The address of the page is the person's own link: no other site may learn it.
  return pageReply({ title, body, house, referrerPolicy: "no-referrer" });
}

/** A button whose post goes to the page's own address. */
function button(label: string): Html {
  return html`<form method="post"><button>${label}</button></form>`;
}

/** Asks before anything is done: mail scanners follow links, people press buttons. */
export function unsubscribePage(house: House): Reply {
  return page(
    house,
    "Unsubscribe",
    html`<p>Do you want no more news and offers from ${house.publicName} by e-mail? Answers to what you ask or order still reach you.</p>
${button("Unsubscribe")}`,
  );
}

export function unsubscribedPage(house: House): Reply {
  return page(
    house,
    "You are unsubscribed",
    html`<p>${house.publicName} sends you no more news and offers by e-mail. Answers to what you ask or order still reach you.</p>
<p>You need not do anything else, and can close this page.</p>`,
  );
}

/** The preference centre: each choice is a button of its own. */
export function preferencesPage(house: House): Reply {
  const choice = (value: string, label: string) =>
    html`<form method="post"><input type="hidden" name="choice" value="${value}"><button>${label}</button></form>`;
  return page(
    house,
    "What you get from us",
    html`<p>News and offers from ${house.publicName} by e-mail. Answers to what you ask or order reach you whatever you choose.</p>
${choice("all", "Send me news and offers")}
${choice("pause", "Pause them for 30 days")}
${choice("none", "Send me none")}`,
  );
}

export function preferencesKeptPage(house: House, choice: "all" | "none" | "pause"): Reply {
  const told = {
    all: "News and offers reach you again, if you had subscribed to them.",
    pause: "You get no news and offers for 30 days; afterwards they go on.",
    none: "You get no more news and offers.",
  };
  return page(
    house,
    "Your choice is kept",
    html`<p>${told[choice]} You can change it at any time by the same link.</p>`,
  );
}

/** Asks before anything is done. */
export function confirmPage(house: House): Reply {
  return page(
    house,
    "Confirm your subscription",
    html`<p>Press the button to get news and offers from ${house.publicName} by e-mail. You can stop at any time.</p>
${button("Confirm")}`,
  );
}

export function confirmedPage(house: House): Reply {
  return page(
    house,
    "Thank you",
    html`<p>Your confirmation has arrived. If you asked for news from ${house.publicName} within the last 30 days, you
are subscribed now; otherwise tick the box in one of our forms again.</p>`,
  );
}
