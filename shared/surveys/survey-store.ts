import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { DomainError } from "../errors.ts";
import { readCache } from "../intake/read-cache.ts";
import type { Table } from "../table/client.ts";
import { listedVersion, newestVersions, versionSk } from "../table/versioned.ts";
import { shippedSurveys } from "./shipped.ts";
import { type Survey, surveyIdSchema, surveySchema } from "./survey.ts";

const listPk = "SURVEYS";
/** The newest version stands under a key of its own too: pages, which everybody may open, get it and query nothing. */
const newestSk = "SURVEY";
const pkOf = (id: string) => `SURVEY#${id}`;

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
  try {
    await table.client.send(
      new TransactWriteCommand({
        TransactItems: [
          {
            Put: {
              TableName: table.name,
              Item: { ...item, sk: versionSk(version) },
              ConditionExpression: "attribute_not_exists(pk)",
            },
          },
          { Put: { TableName: table.name, Item: { ...item, sk: newestSk, ...listedVersion(listPk, survey) } } },
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
  const shipped = [...shippedSurveys.keys()].map((id) => [id, 0] as const);
  const newest = new Map([...shipped, ...(await newestVersions(table, listPk))]);
  return [...newest]
    .map(([id, version]) => ({ id, version, origin: version === 0 ? ("shipped" as const) : ("stored" as const) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Surveys for mails; a change is in use within 20 seconds. */
export function createSurveySource(table: Table, now: () => Date): (id: string) => Promise<Survey | undefined> {
  return readCache({ load: (id) => findSurvey(table, id), now, seconds: 20, entries: 200 });
}
