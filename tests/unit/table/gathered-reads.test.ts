import { BatchGetCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Table } from "../../../shared/table/client.ts";
import { gatherReads } from "../../../shared/table/gathered-reads.ts";
import { engine } from "../../support/engine.ts";
import { createTestTable } from "../../support/table.ts";

type Command = GetCommand | BatchGetCommand;

/** What stands in the way of a call: keys that are left out of a batch, or an error. */
type Trouble = { readonly leaveOut: readonly string[] } | Error;

let table: Table;
let sent: Command[];
let troubles: Trouble[];

const get = (pk: string, ConsistentRead?: boolean) =>
  table.client.send(
    new GetCommand({ TableName: table.name, Key: { pk, sk: "s" }, ...(ConsistentRead && { ConsistentRead }) }),
  );
const keysOf = (command: Command | undefined) =>
  (command instanceof BatchGetCommand ? command.input.RequestItems?.[table.name]?.Keys : [command?.input.Key])?.map(
    (key) => key?.pk,
  );

beforeEach(async () => {
  table = await createTestTable(engine.url);
  for (const pk of ["a", "b", "c"]) {
    await table.client.send(new PutCommand({ TableName: table.name, Item: { pk, sk: "s", name: pk } }));
  }
  sent = [];
  troubles = [];
  const send = table.client.send.bind(table.client);
  const answered = async (command: Command) => {
    sent.push(command);
    const trouble = troubles.shift();
    if (trouble instanceof Error) throw trouble;
    if (trouble === undefined || !(command instanceof BatchGetCommand)) return send(command as GetCommand);
    const { Keys = [], ...request } = command.input.RequestItems?.[table.name] ?? {};
    const isLeftOut = (key: Record<string, unknown>) => trouble.leaveOut.includes(String(key.pk));
    const kept = { ...request, Keys: Keys.filter((key) => !isLeftOut(key)) };
    const answer = await send(new BatchGetCommand({ RequestItems: { [table.name]: kept } }));
    return { ...answer, UnprocessedKeys: { [table.name]: { Keys: Keys.filter(isLeftOut) } } };
  };
  vi.spyOn(table.client, "send").mockImplementation(answered as never);
  gatherReads(table.client);
});

describe("gathered reads", () => {
  it("travel together and settle each with its own item, or without one", async () => {
    const found = await Promise.all(["a", "b", "none"].map((pk) => get(pk)));
    expect(found.map(({ Item }) => Item)).toEqual([
      { pk: "a", sk: "s", name: "a" },
      { pk: "b", sk: "s", name: "b" },
      undefined,
    ]);
    expect(sent.map(keysOf)).toEqual([["a", "b", "none"]]);
  });

  it("are one where the same item is asked for twice, and a plain one where it is alone", async () => {
    const [one, two] = await Promise.all([get("a"), get("a")]);
    expect([one?.Item, two?.Item]).toEqual([expect.objectContaining({ name: "a" }), one?.Item]);
    expect(sent).toEqual([expect.any(GetCommand)]);
  });

  it("keep consistent and other ones apart", async () => {
    await Promise.all([get("a", true), get("b", true), get("a"), get("c")]);
    expect(sent.map((command) => [keysOf(command), command.input])).toEqual([
      [["a", "b"], { RequestItems: { [table.name]: expect.objectContaining({ ConsistentRead: true }) } }],
      [["a", "c"], { RequestItems: { [table.name]: expect.objectContaining({ ConsistentRead: false }) } }],
    ]);
  });

  it("leave what asks for more than an item as it is", async () => {
    const input = { TableName: table.name, Key: { pk: "a", sk: "s" }, ProjectionExpression: "pk" };
    const [part] = await Promise.all([table.client.send(new GetCommand(input)), get("b")]);
    expect(part.Item).toEqual({ pk: "a" });
    expect(sent).toHaveLength(2);
  });

  it("come in batches of a hundred", async () => {
    await Promise.all(Array.from({ length: 101 }, (_, index) => get(`k${index}`)));
    expect(sent.map((command) => keysOf(command)?.length)).toEqual([100, 1]);
  });

  it("ask again for what was left out, and hold up nothing else", async () => {
    troubles = [{ leaveOut: ["b", "c"] }, { leaveOut: ["b"] }];
    const order: string[] = [];
    await Promise.all(["a", "b", "c"].map((pk) => get(pk).then(({ Item }) => order.push(String(Item?.name)))));
    expect(order).toEqual(["a", "c", "b"]);
    expect(sent.map(keysOf)).toEqual([["a", "b", "c"], ["b", "c"], ["b"]]);
  });

  it("fail for those whose call failed, and for nobody else", async () => {
    troubles = [new Error("throttled")];
    const [a, b] = await Promise.allSettled([get("a"), get("b")]);
    expect([a?.status, b?.status]).toEqual(["rejected", "rejected"]);
    expect((await get("a")).Item).toMatchObject({ name: "a" });
  });
});
