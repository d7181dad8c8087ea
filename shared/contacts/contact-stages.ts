import { withCatalogue } from "../connectors/product-store.ts";
import { isOrdering, orderSchema } from "../events/commerce.ts";
import { contactOf, eventSchema } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import { feedbackOwner } from "../feedback/feedback-stages.ts";
import type { StageRules } from "../funnel/stage-rules.ts";
import { type Intake, intakeSchema } from "../intake/intake.ts";
import { refuseLateFact } from "../privacy/late-fact-store.ts";
import { readErasedOwner } from "../privacy/refusal-store.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { type Alias, aliasesOf, userAlias } from "./alias.ts";
import { findHolder, findJoined, fixContact, isClaimed, putWaiting } from "./alias-store.ts";
import { foldEvent, isErased } from "./contact-store.ts";
import { addressHash, normaliseEmail } from "./email-address.ts";
import { claimEmail, findByEmail } from "./identity-store.ts";
import { eventOf } from "./intake-event.ts";
import { dependsOnOrder, type HeldOrder, heldOf, inItsOrder } from "./order-facts.ts";
import { orderOf, orderOrigin } from "./order-keys.ts";
import { claimOrder, putRepeated, readOrder } from "./order-store.ts";
import { correctPayment } from "./payment-store.ts";
import { concernsProfile } from "./profile.ts";

/**
 * Finds out whose an intake item is, before anything else is made of it; a fact of nobody known waits. Whose an address is
 * never changes, so that asking again says the same. What an alias says may change, and is fixed on the item first.
 */
export function resolveStage({ table, newId }: { readonly table: Table; readonly newId: () => string }): Stage {
  const claim = createClaimer(table, newId);
  return {
    name: "resolve",
    kind: "intake",
    // A request by law is nobody's fact, and a digest is a colleague's: they make nobody known.
    wants: ({ item }) => item.contactId === undefined && item.type !== "privacy" && item.type !== "digestStop",
    async run({ item }) {
      const intake = intakeSchema.parse(item);
      const { contactId, isLasting } = await ownerOf(table, intake, claim);
      if (contactId !== undefined && isLasting) return { contactId };
      if (contactId !== undefined) await fixContact(table, intake.intakeId, contactId);
      else if (intake.type === "track") {
        for (const alias of aliasesOf(intake.payload)) await putWaiting(table, alias, intake);
      }
      return undefined;
    },
  };
}

interface Owner {
  readonly contactId: string | undefined;
  /** Whether the same is found whenever it is looked for, also after an erasure. */
  readonly isLasting: boolean;
}

type Claim = (address: string, known?: string) => Promise<string>;

/** Claims an address for a contact who is known already or else new; of callers at one time the first one's. */
function createClaimer(table: Table, newId: () => string): Claim {
  const underWay = new Map<string, Promise<string>>();
  return (address, known) => {
    const shared = underWay.get(address);
    if (shared !== undefined) return shared;
    const claimed = claimEmail(table, address, known === undefined ? newId : () => known);
    underWay.set(address, claimed);
    return claimed.finally(() => underWay.delete(address));
  };
}

async function ownerOf(table: Table, intake: Intake, claim: Claim): Promise<Owner> {
  switch (intake.type) {
    case "form":
      return lasting(await claim(normaliseEmail(intake.payload.fields.email)));
    case "message":
      return lasting(await claim(normaliseEmail(intake.payload.email)));
    case "privacy":
    case "digestStop":
      return lasting(undefined);
    case "feedback":
      return { contactId: await feedbackOwner(table, intake.payload, intake.occurredAt), isLasting: false };
    case "track":
      return ownerOfCall(table, intake, claim);
    default:
      return lasting(intake.payload.contactId);
  }
}

function lasting(contactId: string | undefined): Owner {
  return { contactId, isLasting: true };
}

async function ownerOfCall(
  table: Table,
  { payload, occurredAt, imported }: Intake & { readonly type: "track" },
  claim: Claim,
): Promise<Owner> {
  const order = orderOf(payload);
  const buyer = order === undefined ? undefined : await findJoined(table, order);
  // What is told late of an order is its buyer's, also when the buyer has been erased: it makes nobody new of them.
  if (buyer !== undefined && (await isErased(table, buyer))) return lasting(buyer);
  const { email, source, userId } = payload;
  if (email === undefined) return { contactId: await firstJoined(table, aliasesOf(payload)), isLasting: false };
  const address = normaliseEmail(email);
  const found = (contactId: string) => ({ contactId, isLasting: buyer === undefined || buyer === contactId });
  const holder = await findByEmail(table, address);
  // History alone may bring what is older than whoever has the address today.
  if (holder !== undefined && !imported) return found(holder);
  const erased = await readErasedOwner(table, addressHash(address));
  if (erased !== undefined && occurredAt < erased.at) return found(erased.contactId);
  // Who is known by an account and gives a new address stays one contact.
  const known = userId === undefined ? undefined : await findJoined(table, userAlias(source, userId).joined);
  return found(await claim(address, known));
}

/** Whom the surest of some aliases belongs to: one that is told before one that a browser claims. */
async function firstJoined(table: Table, aliases: readonly Alias[]): Promise<string | undefined> {
  let claimed: string | undefined;
  for (const { joined } of aliases) {
    const holder = await findHolder(table, joined);
    if (holder !== undefined && !holder.claimed) return holder.contactId;
    claimed ??= holder?.contactId;
  }
  return claimed;
}

/**
 * Puts what arrived on the timeline of its contact; of two messages that tell of one order, the first. What arrives for
 * somebody who has been erased is refused.
 */
export function appendStage({ table, now }: { readonly table: Table; readonly now: () => Date }): Stage {
  return {
    name: "append",
    kind: "intake",
    wants: ({ item, previous }) => item.contactId !== undefined && previous?.contactId === undefined,
    async run({ item }) {
      const { intake, held } = await inContext(table, intakeSchema.parse(item));
      const event = eventOf(intake);
      if (event === undefined) throw new Error("the intake has no contact yet");
      const contactId = contactOf(event);
      const erased = await isErased(table, contactId);
      // An order that is refused is taken as well: what is told of it later is nobody's, and no night misses it.
      const order = await orderTold(table, intake, held);
      if (erased) await refuseLateFact(table, contactId, intake, now());
      else if (order === "told before") {
        if (intake.type === "track") await correctPayment(table, intake, held);
        await putRepeated(table, contactId, intake);
      } else {
        const claimed = intake.type === "track" && (await isClaimed(table, intake.payload, contactId));
        await putEvent(table, claimed ? { ...event, claimed } : event);
      }
    },
  };
}

/** What arrived, as it is to be read by the order that it names, and what is to be kept of that. */
async function inContext(table: Table, intake: Intake): Promise<{ intake: Intake; held: HeldOrder }> {
  if (intake.type !== "track") return { intake, held: {} };
  const { payload } = intake;
  if (isOrdering(payload.event)) {
    const order = orderSchema.parse(payload.properties);
    const products = await withCatalogue(table, payload.source, order.products);
    const told = { ...payload, properties: { ...payload.properties, products } };
    return { intake: { ...intake, payload: told }, held: heldOf(payload, undefined) };
  }
  if (!dependsOnOrder(payload)) return { intake, held: {} };
  const key = orderOf(payload);
  const order = key && (await readOrder(table, key));
  const told = inItsOrder(payload, order);
  return { intake: { ...intake, payload: told }, held: heldOf(told, order) };
}

async function orderTold(
  table: Table,
  intake: Intake,
  held: HeldOrder,
): Promise<"claimed" | "told before" | undefined> {
  const origin = intake.type === "track" ? orderOrigin(intake.payload) : undefined;
  return intake.type === "track" && origin !== undefined ? claimOrder(table, origin, intake, held) : undefined;
}

/** Folds an event into its contact's profile and stages; the first one creates the contact. */
export function foldStage({
  table,
  rules,
}: {
  readonly table: Table;
  readonly rules: () => Promise<StageRules>;
}): Stage {
  return {
    name: "fold",
    kind: "event",
    wants: ({ item, previous }) => previous === undefined && concernsProfile(item),
    run: async ({ item }) => foldEvent(table, eventSchema.parse(item), await rules()),
  };
}
