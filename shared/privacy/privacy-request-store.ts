import { GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { listNewest, putNextVersion } from "../table/versioned.ts";
import {
  type PrivacyRequest,
  privacyRequestItem,
  privacyRequestKey,
  privacyRequestSchema,
  privacyRequestsPk,
  privacyRequestsSkPattern,
} from "./privacy-request.ts";

/** A request by a consistent read; undefined when there is none. */
export async function readPrivacyRequest(table: Table, id: string): Promise<PrivacyRequest | undefined> {
  const { Item } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: privacyRequestKey(id), ConsistentRead: true }),
  );
  return Item && privacyRequestSchema.parse(Item);
}

/** Writes a request's next version, or its first; false when another write came first. */
export function putPrivacyRequest(table: Table, request: PrivacyRequest): Promise<boolean> {
  return putNextVersion(table, privacyRequestItem(request));
}

export interface PrivacyRequestPage {
  readonly items: readonly PrivacyRequest[];
  readonly nextCursor?: string;
}

/**
 * A page of all requests, the newest first.
 *
 * @throws DomainError invalid_input for a cursor that we did not make.
 */
export async function listPrivacyRequests(
  table: Table,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<PrivacyRequestPage> {
  const { items, ...next } = await listNewest(table, {
    pk: privacyRequestsPk,
    skPattern: privacyRequestsSkPattern,
    limit,
    cursor,
  });
  return { items: items.map((item) => privacyRequestSchema.parse(item)), ...next };
}
