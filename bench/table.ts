import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startDynamoDb } from "../local/engines/dynamodb.ts";
import { hostCredentials } from "../local/engines/host-credentials.ts";
import { choosePorts } from "../local/engines/ports.ts";
import { openTable, type Table } from "../shared/table/client.ts";

export interface Units {
  read: number;
  write: number;
}

export interface BenchTable extends AsyncDisposable {
  readonly table: Table;
  /** What the table's client has used so far, as the engine counts it. */
  readonly used: Units;
}

const keys = ["pk", "sk"] as const;

/** An empty table in an engine of its own, without stream, index or host. */
export async function startBenchTable(): Promise<BenchTable> {
  const engine = await startDynamoDb({ port: (await choosePorts("random", 0)).dynamodb });
  const client = new DynamoDBClient({ endpoint: engine.url, region: "us-east-1", credentials: hostCredentials });
  const name = "bench";
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? "HASH" : "RANGE" })),
    }),
  );
  const table = openTable(name, client);
  return {
    table,
    used: meter(table),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await engine.close();
    },
  };
}

function meter(table: Table): Units {
  const used: Units = { read: 0, write: 0 };
  table.client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
        const { ConsumedCapacity } = result.output as { ConsumedCapacity?: unknown };
        const kind = /^(Put|Update|Delete|BatchWrite)/.test(commandName) ? "write" : "read";
        for (const part of [ConsumedCapacity].flat() as { CapacityUnits?: number }[]) {
          used[kind] += part?.CapacityUnits ?? 0;
        }
        return result;
      },
    { step: "initialize", priority: "high" },
  );
  return used;
}
