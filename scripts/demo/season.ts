import type { MailSummary } from "../../local/mail/mailbox.ts";
import { addressIn, linkIn, readMails } from "../mail.ts";
import type { Stack } from "../stack.ts";
import type { Progress } from "./run.ts";
import type { Shop } from "./shop.ts";
import { type Reaction, reactionTo, type Shopper, shopperOf, type Visit, visitsOf } from "./shopper.ts";

/** What a journey's mails led to, as its results tell it. Money in minor units of US dollars. */
export interface JourneyResults {
  readonly journeyId: string;
  readonly sent: number;
  readonly opened: number;
  readonly clicked: number;
  readonly unsubscribed: number;
  readonly orders: number;
  readonly revenue: number;
  readonly refunded: number;
  readonly cost: number;
}

export interface Season {
  readonly days: number;
  readonly shoppers: number;
  readonly carts: number;
  readonly orders: number;
  readonly refunds: number;
  readonly journeys: readonly JourneyResults[];
  /** What did not hold; empty when all is well. */
  readonly broken: readonly string[];
}

const days = 100;
const stepsADay = 2;
const journeys = ["welcome", "abandoned-cart", "win-back", "post-purchase"] as const;

interface JourneyMail {
  readonly id: string;
  readonly to: string;
  readonly at: number;
  readonly key: string;
  readonly journeyId: string;
}

/** A hundred days of a shop: carts left behind, orders, reminders, refunds, people who lapse and come back, who leave. */
export async function runSeason(
  stack: Stack,
  shop: Shop,
  people: readonly string[],
  progress: Progress,
): Promise<Season> {
  const shoppers = new Map(people.map((email, index) => [email, shopperOf(email, index)]));
  const visits = [...shoppers.values()].flatMap(visitsOf);
  const { orders, refunds, reactions, mails } = await live(stack, shop, shoppers, visits, progress);
  const results = await Promise.all(journeys.map((journeyId) => readResults(stack, journeyId)));
  return {
    days,
    shoppers: shoppers.size,
    carts: visits.length,
    orders: orders.length,
    refunds,
    journeys: results,
    broken: [
      ...brokenIn(visits, orders, mails, reactions),
      ...results.flatMap((result) => miscounted(result, mails, reactions)),
    ],
  };
}

interface Order {
  readonly email: string;
  readonly cartId: string;
  readonly at: number;
}

interface Reacted {
  readonly mail: JourneyMail;
  readonly reaction: Reaction;
  readonly at: number;
}

async function live(
  stack: Stack,
  shop: Shop,
  shoppers: ReadonlyMap<string, Shopper>,
  visits: readonly Visit[],
  progress: Progress,
) {
  const orders: Order[] = [];
  const reactions: Reacted[] = [];
  const mails: JourneyMail[] = (await stack.host.mails()).flatMap(journeyMail);
  const toRefund: { readonly day: number; readonly visit: Visit }[] = [];
  const left = new Set<string>();
  let refunds = 0;
  const now = async () => Date.parse((await stack.host.state()).clock.now);

  const buy = async ({ shopper, cartId }: Pick<Visit, "shopper" | "cartId">) => {
    orders.push({ email: shopper.email, cartId, at: await now() });
    await shop.tell({
      event: "Order Completed",
      email: shopper.email,
      messageId: `${cartId}-order`,
      properties: { ...cartOf(shopper, cartId), order_id: cartId, revenue: valueOfCart(shopper) },
    });
  };
  const come = async (visit: Visit) => {
    const { shopper, cartId, buys, day, refundedAfter } = visit;
    const { email } = shopper;
    const properties = cartOf(shopper, cartId);
    await shop.tell({ event: "Checkout Started", email, messageId: `${cartId}-checkout`, properties });
    if (buys) await buy(visit);
    if (refundedAfter !== undefined) toRefund.push({ day: day + refundedAfter, visit });
  };
  const refund = async ({ shopper, cartId }: Visit) => {
    if (!orders.some((order) => order.cartId === cartId)) return;
    refunds++;
    await shop.tell({
      event: "Order Refunded",
      email: shopper.email,
      messageId: `${cartId}-refund`,
      properties: { order_id: cartId, refund_id: `${cartId}-refund`, currency: "USD", revenue: valueOfCart(shopper) },
    });
  };
  const read = async (mail: JourneyMail) => {
    const shopper = shoppers.get(mail.to);
    if (shopper === undefined || left.has(mail.to)) return;
    const earlier = reactions.filter((one) => one.mail.to === mail.to && one.mail.journeyId === mail.journeyId).length;
    const reaction = reactionTo(shopper, mail.journeyId, earlier);
    reactions.push({ mail, reaction, at: await now() });
    if (reaction.opens) await stack.host.mailEvent(mail.id, "open");
    if (reaction.clicks) await stack.host.mailEvent(mail.id, "click", { link: "https://shop.example/" });
    if (reaction.orders) await buy({ shopper, cartId: cartOfMail(mail) ?? `season-${shopper.index}-back` });
    if (!reaction.unsubscribes) return;
    left.add(mail.to);
    const [text] = (await readMails(stack.host, mail.to)).filter(({ id }) => id === mail.id);
    const link = text && linkIn(text, "u");
    if (link !== undefined) await (await fetch(link, { method: "POST" })).arrayBuffer();
  };

  let unread: readonly JourneyMail[] = [];
  for (let day = 0; day < days; day++) {
    for (const visit of visits) if (visit.day === day) await come(visit);
    for (const { visit } of toRefund.filter((one) => one.day === day)) await refund(visit);
    for (let step = 0; step < stepsADay; step++) {
      await stack.host.advance(`${24 / stepsADay}h`, `${24 / stepsADay}h`);
      // a mail is read a step after it came: at once only machines do
      for (const mail of unread) await read(mail);
      unread = (await stack.host.mails()).flatMap(journeyMail).slice(mails.length);
      mails.push(...unread);
    }
    progress("a hundred days of a shop", day + 1, days);
  }
  // results are counted every hour
  await stack.host.advance("2h", "1h");
  return { orders, refunds, reactions, mails };
}

function cartOf({ index }: Shopper, cartId: string) {
  const mug = { product_id: "p-1", sku: "MUG-1", name: "Mug", price: 20, quantity: 1 + (index % 3) };
  const tea = { product_id: "p-2", sku: "TEA-1", name: "Green tea", price: 12.5, quantity: 1 };
  return { cart_id: cartId, currency: "USD", value: mug.price * mug.quantity + tea.price, products: [mug, tea] };
}

function valueOfCart(shopper: Shopper): number {
  return cartOf(shopper, "").value;
}

/** A mail of a journey by the ledger key in its tags: journey, entry, times around, step. */
function journeyMail({ messageId, to, timestamp, tags }: MailSummary): readonly JourneyMail[] {
  const key = Buffer.from(tags.message ?? "", "base64url").toString();
  const journeyId = journeys.find((id) => key.startsWith(`${id}.`));
  if (journeyId === undefined) return [];
  return [{ id: messageId, to: addressIn(to[0] ?? ""), at: Date.parse(timestamp), key, journeyId }];
}

function cartOfMail({ key }: JourneyMail): string | undefined {
  return /^abandoned-cart\.(.+)\.\d+\.\w+$/.exec(key)?.[1];
}

async function readResults({ host, staff }: Stack, journeyId: string): Promise<JourneyResults> {
  const today = Date.parse((await host.state()).clock.now);
  const [from, to] = [today - 150 * 86_400_000, today].map((at) => new Date(at).toISOString().slice(0, 10));
  const response = await staff("manager", "GET", `/v1/journeys/${journeyId}/results?from=${from}&to=${to}`);
  const { totals, cost } = (await response.json()) as {
    totals: Omit<JourneyResults, "revenue" | "refunded"> & Record<"revenue" | "refunded", { readonly USD?: number }>;
    cost: { readonly amount: number };
  };
  const { sent, opened, clicked, unsubscribed, orders, revenue, refunded } = totals;
  const money = { revenue: revenue.USD ?? 0, refunded: refunded.USD ?? 0, cost: cost.amount };
  return { journeyId, sent, opened, clicked, unsubscribed, orders, ...money };
}

/** Where the results differ from what was seen from outside: in the mailbox, and of its readers. */
function miscounted(
  results: JourneyResults,
  mails: readonly JourneyMail[],
  reactions: readonly Reacted[],
): readonly string[] {
  const ofJourney = reactions.filter(({ mail }) => mail.journeyId === results.journeyId);
  const count = (what: keyof Reaction) => ofJourney.filter(({ reaction }) => reaction[what]).length;
  const seen = {
    sent: mails.filter(({ journeyId }) => journeyId === results.journeyId).length,
    opened: count("opens"),
    clicked: count("clicks"),
    unsubscribed: count("unsubscribes"),
  };
  return Object.entries(seen).flatMap(([name, value]) => {
    const told = results[name as keyof typeof seen];
    return told === value ? [] : [`the results of ${results.journeyId} say ${told} ${name}, not ${value}`];
  });
}

function brokenIn(
  visits: readonly Visit[],
  orders: readonly Order[],
  mails: readonly JourneyMail[],
  reactions: readonly Reacted[],
): readonly string[] {
  const goodbyes = new Map(
    reactions.filter(({ reaction }) => reaction.unsubscribes).map(({ mail, at }) => [mail.to, at] as const),
  );
  const reminded = new Set(mails.map(cartOfMail));
  const bought = new Map(orders.map(({ cartId, at }) => [cartId, at]));
  const forgotten = visits.filter(
    ({ buys, cartId, day, shopper }) =>
      !buys && day < days - 2 && !reminded.has(cartId) && !goodbyes.has(shopper.email),
  );
  const twice = mails.length - new Set(mails.map(({ key, to }) => `${to} ${key}`)).size;
  const late = mails.filter((mail) => mail.at > (bought.get(cartOfMail(mail) ?? "") ?? Number.POSITIVE_INFINITY));
  const unwanted = mails.filter(({ to, at }) => at > (goodbyes.get(to) ?? Number.POSITIVE_INFINITY));
  return [
    ...(forgotten.length > 0
      ? [`${forgotten.length} carts without a reminder: ${forgotten.map((one) => one.cartId)}`]
      : []),
    ...(twice > 0 ? [`${twice} mails of journeys came twice`] : []),
    ...(late.length > 0 ? [`${late.length} reminders of carts that were ordered`] : []),
    ...(unwanted.length > 0 ? [`${unwanted.length} mails after an unsubscription`] : []),
  ];
}
