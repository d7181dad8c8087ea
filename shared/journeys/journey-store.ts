import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import * as z from "zod/mini";
import { DomainError } from "../errors.ts";
import type { Table } from "../table/client.ts";
import { type Journey, type JourneyDefinition, journeyDefinitionSchema } from "./definition.ts";
import {
  headKey,
  type JourneyHead,
  journeyHeadSchema,
  listPk,
  type ShippedJourney,
  shippedHead,
  shippedVersion,
  versionKey,
} from "./journey.ts";
import { shippedJourneys } from "./shipped/shipped.ts";
import { idSchema } from "./step.ts";

const versionSchema = z.object({ definition: journeyDefinitionSchema });
const entrySchema = z.object({ gsi1sk: z.string() });

export interface JourneyStore {
  /** A journey's head by a consistent read; undefined when there is none, shipped ones included. */
  head(id: string): Promise<JourneyHead | undefined>;
  /** The heads of all journeys by id; one that was made this second, or a shipped one's first change, may be missing. */
  heads(): Promise<readonly JourneyHead[]>;
  version(id: string, version: number): Promise<Journey | undefined>;
  /** Writes the next revision of a head. @throws DomainError version_conflict when another write came first. */
  putHead(head: JourneyHead): Promise<JourneyHead>;
  /** Writes a version that is about to be published, unless a later revision of the draft has been. */
  putVersion(id: string, version: number, definition: JourneyDefinition, revision: number): Promise<void>;
}

/** The table's journeys, and for ids that it does not hold those that come with the product. */
export function openJourneys(table: Table, shipped: readonly ShippedJourney[] = shippedJourneys): JourneyStore {
  const shippedOf = (id: string) => shipped.find((journey) => journey.id === id);

  async function readHead(id: string): Promise<JourneyHead | undefined> {
    if (!idSchema.safeParse(id).success) return undefined;
    const { Item } = await table.client.send(
      new GetCommand({ TableName: table.name, Key: headKey(id), ConsistentRead: true }),
    );
    if (Item !== undefined) return journeyHeadSchema.parse(Item);
    const own = shippedOf(id);
    return own && shippedHead(own);
  }

  async function storedIds(): Promise<readonly string[]> {
    const ids: string[] = [];
    const pages = paginateQuery(
      { client: table.client },
      {
        TableName: table.name,
        IndexName: "gsi1",
        KeyConditionExpression: "gsi1pk = :pk",
        ExpressionAttributeValues: { ":pk": listPk },
      },
    );
    for await (const { Items = [] } of pages) ids.push(...Items.map((item) => entrySchema.parse(item).gsi1sk));
    return ids;
  }

  return {
    head: readHead,

    async heads() {
      const stored = await storedIds();
      const untouched = shipped.filter(({ id }) => !stored.includes(id)).map(shippedHead);
      const heads = [...untouched, ...(await Promise.all(stored.map(readHead)))];
      return heads.filter((head) => head !== undefined).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    },

    async version(id, version) {
      const { Item } = await table.client.send(
        new GetCommand({ TableName: table.name, Key: versionKey(id, version), ConsistentRead: true }),
      );
      const own =
        version === shippedVersion ? shipped.find((it) => it.id === id && it.state === "published") : undefined;
      const definition = Item === undefined ? own?.definition : versionSchema.parse(Item).definition;
      return definition && { ...definition, id, version };
    },

    async putHead(head) {
      const next = { ...head, revision: head.revision + 1 };
      try {
        await table.client.send(
          new PutCommand({
            TableName: table.name,
            Item: { ...headKey(head.id), kind: "journey", gsi1pk: listPk, gsi1sk: head.id, ...next },
            ...(head.revision === 0
              ? { ConditionExpression: "attribute_not_exists(pk)" }
              : { ConditionExpression: "revision = :was", ExpressionAttributeValues: { ":was": head.revision } }),
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        throw new DomainError(
          "version_conflict",
          `The journey ${head.id} was changed meanwhile. Read it again before you change it.`,
        );
      }
      return next;
    },

    async putVersion(id, version, definition, revision) {
      try {
        await table.client.send(
          new PutCommand({
            TableName: table.name,
            Item: { ...versionKey(id, version), kind: "journeyVersion", id, version, revision, definition },
            // Of two who publish at once, the one with the older draft must not leave its text under the number.
            ConditionExpression: "attribute_not_exists(pk) OR revision <= :revision",
            ExpressionAttributeValues: { ":revision": revision },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        throw new DomainError("version_conflict", `The journey ${id} was published meanwhile. Read it again.`);
      }
    },
  };
}
