import * as z from "zod/mini";
import { idSchema, type Traits, textSchema } from "./connector.ts";
import { withoutEntities } from "./html-entities.ts";

/** WordPress writes entities into names. */
export const nameSchema = z.pipe(textSchema, z.transform(withoutEntities));

export const billingSchema = z.nullish(
  z.looseObject({
    first_name: nameSchema,
    last_name: nameSchema,
    company: nameSchema,
    city: nameSchema,
    country: textSchema,
    email: textSchema,
    phone: textSchema,
  }),
);

export const customerSchema = z.looseObject({
  id: idSchema,
  email: textSchema,
  first_name: nameSchema,
  last_name: nameSchema,
  date_created_gmt: textSchema,
  date_modified_gmt: textSchema,
  billing: billingSchema,
});

/** What an order's billing address, or an account, says of the person. */
export function traitsOf(
  address: z.infer<typeof billingSchema>,
  account: z.infer<typeof customerSchema> | undefined,
): Traits {
  return {
    email: account?.email ?? address?.email,
    firstName: account?.first_name ?? address?.first_name,
    lastName: account?.last_name ?? address?.last_name,
    phone: address?.phone,
    company: address?.company,
    city: address?.city,
    country: address?.country,
  };
}
