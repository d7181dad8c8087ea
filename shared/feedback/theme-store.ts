import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { putNextVersion } from "../table/versioned.ts";
import { shippedThemes, type Themes, themesSchema } from "./theme.ts";

const key = { pk: "THEMES", sk: "THEMES" } as const;

/** What is looked for in comments: what the account says, else what comes along. */
export async function readThemes(table: Table): Promise<Themes> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return Item === undefined ? shippedThemes : themesSchema.parse(Item);
}

/**
 * @throws DomainError version_conflict when another version came first.
 */
export async function putThemes(table: Table, themes: Themes): Promise<void> {
  if (await putNextVersion(table, { ...key, ...{ kind: "themes" }, ...themes })) return;
  throw new DomainError("version_conflict", "The themes were changed meanwhile. Read them, and send their ETag.");
}
