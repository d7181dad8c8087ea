import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { GetCommand, paginateQuery, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { shippedSurveys } from "./shipped.ts";
import { type Survey, surveyIdSchema, surveySchema } from "./survey.ts";

const listPk = "SURVEYS";
/** The newest version stands under a key of its own too: pages, which everybody may open, get it and query nothing. */
const newestSk = "SURVEY";
const pkOf = (id: string) => `SURVEY#${id}`;
const padded = (version: number) => String(version).padStart(6, "0");

/** The newest version of a survey: the stored one, else the shipped one. */
export async function findSurvey(table: Table, id: string): Promise<Survey | undefined> {
  if (!surveyIdSchema.safeParse(id).success) return undefined;
  const { Item: newest } = await table.client.send(
    new GetCommand({ TableName: table.name, Key: { pk: pkOf(id), sk: newestSk }, ConsistentRead: true }),
  );
  return newest === undefined ? shippedSurveys.get(id) : surveySchema.parse({ ...newest, kind: newest.surveyKind });
}

/**
 * @throws DomainError not_found when there is none of the id.
 */
export async function requireSurvey(table: Table, id: string): Promise<Survey> {
  const survey = await findSurvey(table, id);
  if (survey === undefined) throw new DomainError("not_found", `There is no survey "${id}".`);
  return survey;
}

/**
 * Keeps the next version of a survey, in one transaction as the newest; earlier ones stay.
 *
 * @throws DomainError version_conflict when another version of the number is there.
 */
export async function putSurvey(table: Table, survey: Survey): Promise<void> {
  const { id, version, kind } = survey;
  const item = { ...survey, pk: pkOf(id), kind: "survey", surveyKind: kind };
  const listed = { gsi1pk: listPk, gsi1sk: `${id}#${padded(version)}` };
  try {
    await table.client.send(
      new TransactWriteCommand({
        TransactItems: [
          {
            Put: {
              TableName: table.name,
              Item: { ...item, sk: `VERSION#${padded(version)}` },
              ConditionExpression: "attribute_not_exists(pk)",
            },
          },
          { Put: { TableName: table.name, Item: { ...item, sk: newestSk, ...listed } } },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    throw new DomainError("version_conflict", `The survey ${id} was changed meanwhile. Read it, and send its ETag.`);
  }
}

/** Ids and newest versions of all surveys, by id; the shipped ones that nobody has changed have version 0. */
export async function listSurveys(
  table: Table,
): Promise<readonly { readonly id: string; readonly version: number; readonly origin: "shipped" | "stored" }[]> {
  const newest = new Map([...shippedSurveys.keys()].map((id) => [id, 0]));
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      IndexName: "gsi1",
      KeyConditionExpression: "gsi1pk = :pk",
      ExpressionAttributeValues: { ":pk": listPk },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const { gsi1sk } of Items) {
      const [id = "", version] = String(gsi1sk).split("#");
      newest.set(id, Number(version));
    }
  }
  return [...newest]
    .map(([id, version]) => ({ id, version, origin: version === 0 ? ("shipped" as const) : ("stored" as const) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

const keptMilliseconds = 20_000;

/** Surveys for mails; a change is in use within 20 seconds. */
export function createSurveySource(table: Table, now: () => Date): (id: string) => Promise<Survey | undefined> {
  const kept = new Map<string, { readonly survey: Survey | undefined; readonly until: number }>();
  return async (id) => {
    const known = kept.get(id);
    if (known !== undefined && known.until > now().getTime()) return known.survey;
    const survey = await findSurvey(table, id);
    kept.set(id, { survey, until: now().getTime() + keptMilliseconds });
    return survey;
  };
}
