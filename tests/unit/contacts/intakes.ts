import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { type Intake, intakeSchema } from "../../../shared/intake/intake.ts";
import { intakeKey } from "../../../shared/intake/intake-keys.ts";
import type { Table } from "../../../shared/table/client.ts";

const base = (intakeId: string, at: string) => ({
  ...intakeKey(intakeId),
  kind: "intake",
  intakeId,
  receivedAt: at,
  occurredAt: at,
  bodyHash: "0123456789abcdef",
  expiresAt: 1_800_000_000,
});

const defaultAt = "2026-01-05T10:00:00.000Z";

interface GivenForm {
  readonly intakeId: string;
  readonly email: string;
  readonly at?: string;
  readonly occurredAt?: string;
  readonly formId?: string;
  readonly marketing?: boolean;
  readonly doubleOptIn?: boolean;
}

export function formIntake({ intakeId, email, at = defaultAt, occurredAt, formId, ...given }: GivenForm) {
  const { marketing = false, doubleOptIn = false } = given;
  return intakeSchema.parse({
    ...base(intakeId, at),
    ...(occurredAt !== undefined && { occurredAt }),
    type: "form",
    payload: {
      formId: formId ?? "contact",
      formVersion: 1,
      fields: {
        email,
        firstName: "Ada",
        lastName: "Lovelace",
        company: "Analytical Engines",
        message: "I would like to know more about your offer, please call me back tomorrow.",
      },
      marketing,
      ...(marketing && { consent: { text: "Yes, send me news.", version: "1", doubleOptIn } }),
      page: { url: "https://www.example.com/offer", referrer: "https://search.example/", utmSource: "newsletter" },
    },
  });
}

export function orderIntake({ intakeId, email, at = defaultAt }: { intakeId: string; email: string; at?: string }) {
  return intakeSchema.parse({
    ...base(intakeId, at),
    type: "track",
    payload: {
      event: "Order Completed",
      messageId: intakeId,
      source: "shop",
      timestamp: at,
      email,
      properties: { orderId: intakeId, revenue: { amount: 4_999, currency: "EUR" }, products: [] },
    },
  });
}

export async function putIntake(table: Table, intake: Intake): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: intake }));
}

interface GivenCall {
  readonly intakeId: string;
  readonly event: string;
  readonly at?: string;
  readonly email?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly browser?: true;
  readonly properties?: Record<string, unknown>;
}

/** Any call of the Segment spec, as the door keeps it. */
export function callIntake({ intakeId, event, at = defaultAt, properties = {}, ...person }: GivenCall) {
  return intakeSchema.parse({
    ...base(intakeId, at),
    type: "track",
    payload: { event, messageId: intakeId, source: "shop", timestamp: at, ...person, properties },
  });
}
