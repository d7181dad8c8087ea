import { type DynamoDBDocumentClient, GetCommand, type GetCommandOutput } from "@aws-sdk/lib-dynamodb";
import { askUntilNoneLeft, batchKeys, nameOfKey, readBatch } from "./batch-get.ts";
import { type Key, keySchema } from "./item.ts";

type Input = GetCommand["input"];
type Client = Pick<DynamoDBDocumentClient, "send">;

/** A read, and who waits for it. */
interface Read {
  readonly input: Input;
  readonly key: Key;
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
    const key = keySchema.parse(input.Key);
    const name = `${input.TableName} ${input.ConsistentRead === true} ${nameOfKey(key)}`;
    const caller = Promise.withResolvers<GetCommandOutput>();
    if (reads.size === 0) setImmediate(flush);
    const read = reads.get(name) ?? { input, key, callers: [] };
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

/** Reads items of one table, all of them consistently or none, and tells who waits for them. */
async function readAll(client: Client, reads: readonly Read[]): Promise<void> {
  let waiting = reads;
  try {
    await askUntilNoneLeft(reads, async (wanted) => {
      waiting = wanted.length === 1 ? await readOne(client, wanted) : await readMany(client, wanted);
      return waiting;
    });
  } catch (error) {
    for (const { callers } of waiting) for (const { reject } of callers) reject(error);
  }
}

async function readOne(client: Client, [read]: readonly Read[]): Promise<[]> {
  if (read !== undefined) tell(read, await client.send(new GetCommand(read.input)));
  return [];
}

/** @returns those that DynamoDB left out. */
async function readMany(client: Client, reads: readonly Read[]): Promise<readonly Read[]> {
  const { TableName: name = "", ConsistentRead = false } = reads[0]?.input ?? {};
  const keys = reads.map(({ key }) => key);
  const { found, leftOut, $metadata } = await readBatch({ name, client }, keys, ConsistentRead);
  const left = new Set(leftOut.map(nameOfKey));
  for (const read of reads.filter(({ key }) => !left.has(nameOfKey(key)))) {
    const Item = found.get(nameOfKey(read.key));
    tell(read, { $metadata, ...(Item !== undefined && { Item }) });
  }
  return reads.filter(({ key }) => left.has(nameOfKey(key)));
}

function tell({ callers }: Read, output: GetCommandOutput): void {
  for (const { resolve } of callers) resolve(output);
}
