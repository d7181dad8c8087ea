import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { isWritten } from "../table/is-written.ts";
import {
  type DomainGrant,
  type DomainRate,
  type DomainWish,
  domainRateExpiry,
  domainRateKey,
  domainRateSchema,
  grantDomain,
} from "./domain-rate.ts";

const attempts = 20;

/**
 * Takes room of a recipient domain's minute, or places in its line, on condition that nobody else did meanwhile: a
 * consistent read and one write unit.
 *
 * @throws Error when others take at the same time again and again; the mail is tried anew then.
 */
export async function claimDomainRate(
  table: Table,
  domain: string,
  wish: Omit<DomainWish, "now">,
  now: () => Date,
): Promise<DomainGrant> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { Item } = await table.client.send(
      new GetCommand({ TableName: table.name, Key: domainRateKey(domain), ConsistentRead: true }),
    );
    const { grant, rate } = grantDomain(Item && domainRateSchema.parse(Item), { ...wish, now: now() });
    if (rate === undefined || (await put(table, domain, rate))) return grant;
  }
  throw new Error("The rate of a recipient domain changes faster than it can be claimed.");
}

async function put(table: Table, domain: string, rate: DomainRate): Promise<boolean> {
  return isWritten(
    table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...domainRateKey(domain), kind: "rate", expiresAt: domainRateExpiry(rate), ...rate },
        ConditionExpression: rate.version === 1 ? "attribute_not_exists(pk)" : "#version = :previous",
        ...(rate.version > 1 && {
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":previous": rate.version - 1 },
        }),
      }),
    ),
  );
}
