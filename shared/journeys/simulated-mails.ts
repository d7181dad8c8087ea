import type { KnownCarts } from "../contacts/cart-standing.ts";
import { isCartGone, withCurrentCart } from "../email/current-cart.ts";
import type { Recipient } from "../email/recipient.ts";
import { withRecommendations } from "../email/recommended-goods.ts";
import { exampleData, exampleValues } from "../email/templates/example.ts";
import { type MailPreview, type PreviewOccasion, previewMail, skippedPreview } from "../email/templates/preview.ts";
import type { Template } from "../email/templates/template.ts";
import type { BasketProduct } from "../recommendations/basket.ts";
import { type ForeseenMail, foresee } from "./foreseen.ts";
import type { Simulated } from "./simulate.ts";

/** A simulation renders no more mails than this: Lambda answers with at most 6 MB, and a mail has up to 102 KB of HTML. */
export const mostRendered = 20;

type PreviewedMail = Simulated["mails"][number] & MailPreview;

/** What mails say, and the carts as they are now of a contact of ours. */
interface SimulatedOccasion extends PreviewOccasion {
  readonly carts?: KnownCarts | undefined;
}

/**
 * Each mail of a simulation as it would look, or why it would be skipped.
 *
 * @param recommend finds what a real sending would recommend by what a mail merges
 */
export async function previewMails(
  mails: Simulated["mails"],
  templateOf: (id: string) => Promise<Template | undefined>,
  occasion: SimulatedOccasion | "no address",
  recommend: (data: PreviewOccasion["data"]) => Promise<readonly BasketProduct[]>,
): Promise<readonly PreviewedMail[]> {
  const rendered = mails.slice(0, mostRendered);
  let found: ReturnType<typeof recommend> | undefined;
  return Promise.all(
    rendered.map(async (mail) => {
      const template = await templateOf(mail.templateId);
      if (template === undefined) return { ...mail, ...skippedPreview(`there is no template ${mail.templateId}`) };
      if (occasion === "no address") return { ...mail, ...skippedPreview(occasion) };
      if (isCartGone(template, occasion.data, occasion.carts)) return { ...mail, ...skippedPreview("cart is gone") };
      const current = withCurrentCart(template, occasion.data, occasion.carts);
      // They all merge the same, so one look is enough.
      const find = () => (found ??= recommend(current));
      const data = await withRecommendations(template, current, find);
      return { ...mail, ...previewMail(template, { ...occasion, data }) };
    }),
  );
}

/** The mails with what would become of them; one that cannot be rendered is skipped for that, and fills no cap. */
export function withForesight(
  mails: readonly PreviewedMail[],
  templates: ReadonlyMap<string, Template>,
  circumstances: Parameters<typeof foresee>[1],
): readonly (Omit<Simulated["mails"][number], "notAfter"> & MailPreview & Pick<ForeseenMail, "notBefore">)[] {
  const sendable = mails.flatMap((mail) => {
    const template = templates.get(mail.templateId);
    return template === undefined || mail.skipped !== null ? [] : [{ mail, template }];
  });
  const foreseen = foresee(
    sendable.map(({ mail, template }) => ({ ...mail, template })),
    circumstances,
  );
  const fates = new Map<PreviewedMail, ForeseenMail | undefined>(sendable.map(({ mail }, at) => [mail, foreseen[at]]));
  return mails.map((mail) => {
    const { skipped = null, notBefore = null } = fates.get(mail) ?? {};
    const { notAfter: _notAfter, ...shown } = skipped === null ? mail : { ...mail, ...skippedPreview(skipped) };
    return { ...shown, notBefore };
  });
}

/** What the mails say of a contact of ours: what the run tells, and the cart as it is now. */
export function occasionOf(
  recipient: Recipient | "absent" | "erased" | "no address",
  house: PreviewOccasion["house"],
  data: PreviewOccasion["data"],
): SimulatedOccasion | "no address" {
  if (typeof recipient === "string") return "no address";
  return { person: recipient, house, data, carts: recipient.carts };
}

/** What the mails say of an example: what its contact and its trigger leave out, an example fills in. */
export function exampleOccasion(
  contact: Readonly<Record<string, unknown>>,
  house: PreviewOccasion["house"],
  data: PreviewOccasion["data"],
): PreviewOccasion {
  const fields = recordOf(contact.fields);
  const { firstName = exampleValues.firstName } = fields;
  const known = { ...exampleValues.contact, ...fields, traits: recordOf(contact.traits) };
  const person = { firstName: String(firstName), contact: known };
  const filled = Object.entries(data).map(([name, given]) => [
    name,
    { ...recordOf(exampleData[name]), ...recordOf(given) },
  ]);
  return { person, house, data: { ...exampleData, ...Object.fromEntries(filled) } };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" ? { ...value } : {};
}
