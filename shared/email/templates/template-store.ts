import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../../errors.ts";
import type { Table } from "../../table/client.ts";
import { listedVersion, newestVersions, versionPrefix, versionSk } from "../../table/versioned.ts";
import { type StoredTemplate, storedTemplateSchema, templateIdSchema, templateOfStored } from "./stored.ts";
import type { Template } from "./template.ts";
import { templateOf, templates } from "./templates.ts";

const listPk = "TEMPLATES";

const pkOf = (id: string) => `TEMPLATE#${id}`;

/** The newest version of a stored template; undefined when none of the id is stored. */
export async function readTemplate(table: Table, id: string): Promise<StoredTemplate | undefined> {
  if (!templateIdSchema.safeParse(id).success) return undefined;
  const { Items: [newest] = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: "pk = :pk AND begins_with(sk, :versions)",
      ExpressionAttributeValues: { ":pk": pkOf(id), ":versions": versionPrefix },
      ScanIndexForward: false,
      Limit: 1,
      ConsistentRead: true,
    }),
  );
  return newest && storedTemplateSchema.parse(newest);
}

/**
 * Keeps the next version of a template; earlier ones stay.
 *
 * @param expected the version that the change was made from; undefined for a first one
 * @throws DomainError already_exists or version_conflict, with the version that is there, or not_found
 */
export async function putTemplate(table: Table, template: StoredTemplate, expected: number | undefined): Promise<void> {
  const current = await readTemplate(table, template.id);
  if (current?.version !== expected) throw conflictOf(template.id, current?.version, expected);
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: {
          pk: pkOf(template.id),
          sk: versionSk(template.version),
          kind: "template",
          ...listedVersion(listPk, template),
          ...template,
        },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    throw conflictOf(template.id, (await readTemplate(table, template.id))?.version, expected);
  }
}

function conflictOf(id: string, current: number | undefined, expected: number | undefined): DomainError {
  if (current === undefined) {
    return new DomainError("not_found", `No template ${id} is stored. Leave out If-Match to store the first version.`);
  }
  const code = expected === undefined ? "already_exists" : "version_conflict";
  return new DomainError(code, `The template ${id} is stored in version ${current}. Send If-Match: "${current}".`);
}

/** Ids and newest versions of the stored templates, by id; read from the index, which may be a second behind. */
export async function listTemplates(
  table: Table,
): Promise<readonly { readonly id: string; readonly version: number }[]> {
  const newest = await newestVersions(table, listPk);
  return [...newest].map(([id, version]) => ({ id, version }));
}

/** The template of an id as it is now: the stored one, else the shipped one. */
export async function findTemplate(table: Table, id: string): Promise<Template | undefined> {
  const stored = await readTemplate(table, id);
  return stored === undefined ? templates.get(id) : templateOfStored(stored);
}

const keptMilliseconds = 20_000;

/** Templates for sending: the stored one, else the shipped one; a change is in use within 20 seconds. */
export function createTemplateSource(table: Table, now: () => Date): (id: string) => Promise<Template> {
  const kept = new Map<string, { readonly template: Template; readonly until: number }>();
  return async (id) => {
    const known = kept.get(id);
    if (known !== undefined && known.until > now().getTime()) return known.template;
    const stored = await readTemplate(table, id);
    const template = stored === undefined ? templateOf(id) : templateOfStored(stored);
    kept.set(id, { template, until: now().getTime() + keptMilliseconds });
    return template;
  };
}
