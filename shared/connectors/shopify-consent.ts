import * as z from "zod/mini";
import { idSchema, textSchema } from "./connector.ts";
import type { ConsentApi, ShopCall } from "./consent-api.ts";
import { instantOf } from "./instant.ts";
import { ShopBusy, ShopRefusal } from "./shop-error.ts";
import { shopifyApiPath } from "./shopify-api.ts";

const find = `query ($address: String!) {
  customerByIdentifier(identifier: { emailAddress: $address }) {
    id
    defaultEmailAddress { marketingState marketingUpdatedAt }
  }
}`;

const withdraw = `mutation ($input: CustomerEmailMarketingConsentUpdateInput!) {
  customerEmailMarketingConsentUpdate(input: $input) { userErrors { message } }
}`;

const errors = z.optional(
  z.array(z.looseObject({ message: textSchema, extensions: z.nullish(z.looseObject({ code: textSchema })) })),
);
const foundSchema = z.object({
  customerByIdentifier: z.nullish(
    z.looseObject({
      id: idSchema,
      defaultEmailAddress: z.nullish(z.looseObject({ marketingState: textSchema, marketingUpdatedAt: textSchema })),
    }),
  ),
});
const withdrawnSchema = z.object({
  customerEmailMarketingConsentUpdate: z.nullish(
    z.looseObject({ userErrors: z.array(z.looseObject({ message: textSchema })) }),
  ),
});

const call = (query: string, variables: object): ShopCall => ({
  path: `${shopifyApiPath}/graphql.json`,
  body: { query, variables },
});

/** https://shopify.dev/docs/api/admin-graphql/latest/mutations/customerEmailMarketingConsentUpdate */
export const shopifyConsent: ConsentApi = {
  find: (address) => call(find, { address }),

  readFound(answer) {
    const customer = dataOf(answer, foundSchema).customerByIdentifier;
    if (customer?.id === undefined) return undefined;
    const { marketingState, marketingUpdatedAt } = customer.defaultEmailAddress ?? {};
    // Who has not answered yet (PENDING) would be written to as soon as the answer comes.
    const subscribed = marketingState === "SUBSCRIBED" || marketingState === "PENDING";
    return { customerId: customer.id, subscribed, at: instantOf(marketingUpdatedAt) };
  },

  withdraw: (customerId, consentUpdatedAt) =>
    call(withdraw, {
      input: { customerId, emailMarketingConsent: { marketingState: "UNSUBSCRIBED", consentUpdatedAt } },
    }),

  readWithdrawn(answer) {
    const result = dataOf(answer, withdrawnSchema).customerEmailMarketingConsentUpdate;
    const [problem] = result?.userErrors ?? [{ message: "no result" }];
    if (problem !== undefined) throw new ShopRefusal(`The shop did not withdraw the consent: ${problem.message}.`);
  },
};

/** GraphQL answers 200 to everything; what went wrong stands in the body. */
function dataOf<Schema extends z.ZodMiniType>(answer: unknown, schema: Schema): z.output<Schema> {
  const parsed = z.safeParse(z.looseObject({ errors, data: z.optional(schema) }), answer);
  const [problem] = parsed.data?.errors ?? [];
  if (problem?.extensions?.code === "THROTTLED") throw new ShopBusy("The shop is throttling us.");
  if (problem !== undefined) throw new ShopRefusal(`The shop refuses the call: ${problem.message}.`);
  if (parsed.data?.data === undefined) throw new ShopRefusal("The shop's answer is not as it documents it.");
  return parsed.data.data;
}
