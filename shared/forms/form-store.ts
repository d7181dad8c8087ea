import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { type Form, type FormDefinition, formDefinitionSchema, formIdSchema } from "./form.ts";
import { formKey } from "./form-keys.ts";

const itemSchema = z.object({ id: formIdSchema, version: z.number(), definition: formDefinitionSchema });

/** A form by its id; undefined when there is none. */
export async function getForm(
  table: Table,
  id: string,
  { consistent = false }: { readonly consistent?: boolean } = {},
): Promise<Form | undefined> {
  // What cannot be an id is not asked for: a key may not be longer than 2 KB.
  if (!formIdSchema.safeParse(id).success) return undefined;
  const answer = await table.client.send(
    new GetCommand({ TableName: table.name, Key: formKey(id), ConsistentRead: consistent }),
  );
  if (answer.Item === undefined) return undefined;
  const { version, definition } = itemSchema.parse(answer.Item);
  return { ...definition, id, version };
}

/**
 * Makes a form, or replaces one.
 *
 * @param expected the version that the caller changes; undefined makes a new form.
 * @throws DomainError already_exists, version_conflict or not_found.
 */
export async function putForm(
  table: Table,
  id: string,
  definition: FormDefinition,
  expected: number | undefined,
): Promise<Form> {
  const version = (expected ?? 0) + 1;
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...formKey(id), kind: "form", id, version, definition },
        ...(expected === undefined
          ? { ConditionExpression: "attribute_not_exists(pk)" }
          : {
              ConditionExpression: "#version = :expected",
              ExpressionAttributeNames: { "#version": "version" },
              ExpressionAttributeValues: { ":expected": expected },
            }),
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) throw await conflictOf(table, id, expected);
    throw error;
  }
  return { ...definition, id, version };
}

async function conflictOf(table: Table, id: string, expected: number | undefined): Promise<DomainError> {
  const current = await getForm(table, id, { consistent: true });
  if (current === undefined) return new DomainError("not_found", `There is no form ${id} to change.`);
  if (expected === undefined) {
    return new DomainError(
      "already_exists",
      `The form ${id} exists, in version ${current.version}. Send If-Match: "${current.version}" to change it.`,
    );
  }
  return new DomainError(
    "version_conflict",
    `The form ${id} is now in version ${current.version}; yours was ${expected}. Read it again before you change it.`,
  );
}
