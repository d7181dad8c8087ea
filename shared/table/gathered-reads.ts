import { setTimeout } from "node:timers/promises";
import { BatchGetCommand, type DynamoDBDocumentClient, GetCommand, type GetCommandOutput } from "@aws-sdk/lib-dynamodb";
import { keySchema } from "./item.ts";

/** DynamoDB's limit for one batch. */
const batchKeys = 100;
/** A batch may leave keys out when the table is throttled, or when they hold more than 16 MB. */
const attempts = 5;

type Input = GetCommand["input"];
type Client = Pick<DynamoDBDocumentClient, "send">;

/** A read, and who waits for it. */
interface Read {
  readonly input: Input;
  readonly callers: PromiseWithResolvers<GetCommandOutput>[];
}

/**
 * Lets the GetItems that are asked for in one turn of the event loop travel as one BatchGetItem: units and consistency
 * stay as they are, calls become few. For functions that do many things side by side, with the right to do so. A lone read
 * remains a GetItem, and the same item asked for twice is read once. Reads settle each for itself, as far as DynamoDB does:
 * what it leaves out is asked for again.
 *
 * @param client is changed: from now on its `send` gathers
 * @returns the client
 */
export function gatherReads(client: DynamoDBDocumentClient): DynamoDBDocumentClient {
  const plain: Client = { send: client.send.bind(client) };
  let reads = new Map<string, Read>();

  function flush(): void {
    const groups = Map.groupBy(reads.values(), ({ input }) => `${input.TableName} ${input.ConsistentRead === true}`);
    reads = new Map();
    for (const group of groups.values()) {
      for (let start = 0; start < group.length; start += batchKeys) {
        void readAll(plain, group.slice(start, start + batchKeys));
      }
    }
  }

  function gather(input: Input): Promise<GetCommandOutput> {
    const name = `${input.TableName} ${input.ConsistentRead === true} ${nameOf(input.Key)}`;
    const caller = Promise.withResolvers<GetCommandOutput>();
    if (reads.size === 0) setImmediate(flush);
    const read = reads.get(name) ?? { input, callers: [] };
    reads.set(name, read);
    read.callers.push(caller);
    return caller.promise;
  }

  const send = (command: GetCommand, ...more: readonly never[]) =>
    command instanceof GetCommand && more.length === 0 && isWhole(command.input)
      ? gather(command.input)
      : plain.send(command, ...more);
  // The SDK declares an overload for each command, which no one function has.
  return Object.assign(client, { send: send as DynamoDBDocumentClient["send"] });
}

/** Whether it asks for a whole item and for nothing beside it, as a batch answers. */
function isWhole(input: Input): boolean {
  return Object.keys(input).every((name) => name === "TableName" || name === "Key" || name === "ConsistentRead");
}

function nameOf(key: unknown): string {
  const { pk, sk } = keySchema.parse(key);
  return `${pk} ${sk}`;
}

/** Reads items of one table, all of them consistently or none, and tells who waits for them. */
async function readAll(client: Client, reads: readonly Read[]): Promise<void> {
  let waiting = reads;
  try {
    for (let attempt = 0; waiting.length > 0; attempt++) {
      if (attempt === attempts) throw new Error(`the table left out ${waiting.length} items ${attempts} times`);
      if (attempt > 0) await setTimeout(50 * 2 ** attempt);
      waiting = waiting.length === 1 ? await readOne(client, waiting) : await readBatch(client, waiting);
    }
  } catch (error) {
    for (const { callers } of waiting) for (const { reject } of callers) reject(error);
  }
}

async function readOne(client: Client, [read]: readonly Read[]): Promise<[]> {
  if (read !== undefined) tell(read, await client.send(new GetCommand(read.input)));
  return [];
}

/** @returns those that DynamoDB left out. */
async function readBatch(client: Client, reads: readonly Read[]): Promise<readonly Read[]> {
  const { TableName = "", ConsistentRead = false } = reads[0]?.input ?? {};
  const Keys = reads.map(({ input }) => input.Key ?? {});
  const request = new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead } } });
  const { Responses, UnprocessedKeys, $metadata } = await client.send(request);
  const items = new Map((Responses?.[TableName] ?? []).map((item) => [nameOf(item), item]));
  const leftOut = new Set((UnprocessedKeys?.[TableName]?.Keys ?? []).map(nameOf));
  const { left = [], answered = [] } = Object.groupBy(reads, ({ input }) =>
    leftOut.has(nameOf(input.Key)) ? "left" : "answered",
  );
  for (const read of answered) {
    const Item = items.get(nameOf(read.input.Key));
    tell(read, { $metadata, ...(Item !== undefined && { Item }) });
  }
  return left;
}

function tell({ callers }: Read, output: GetCommandOutput): void {
  for (const { resolve } of callers) resolve(output);
}
