import { describe, expect, it } from "vitest";
import { accessesOf } from "../../../../local/gateway/dynamodb/accesses.ts";
import { tablesOf } from "../../../../local/gateway/dynamodb/tables.ts";
import type { JsonObject } from "../../../../local/gateway/json.ts";
import { assemblyOf, TABLE_ARN } from "./support.ts";

const tables = tablesOf(assemblyOf({}));
const key = (pk: string) => ({ pk: { S: pk }, sk: { S: "s" } });

function summary(operation: string, request: JsonObject) {
  return accessesOf(operation, request, tables).map(({ action, resource, context }) => [
    action,
    resource.replace(TABLE_ARN, "T"),
    context("dynamodb:leadingkeys"),
  ]);
}

describe("what a request wants to do", () => {
  it.each([
    ["GetItem", { TableName: "leads", Key: key("a") }, [["dynamodb:GetItem", "T", ["a"]]]],
    ["PutItem", { TableName: TABLE_ARN, Item: key("a") }, [["dynamodb:PutItem", "T", ["a"]]]],
    ["Scan", { TableName: "leads" }, [["dynamodb:Scan", "T", undefined]]],
    ["Scan", { TableName: "leads", IndexName: "byStage" }, [["dynamodb:Scan", "T/index/byStage", undefined]]],
    [
      "BatchGetItem",
      { RequestItems: { leads: { Keys: [key("a"), key("b")] } } },
      [["dynamodb:BatchGetItem", "T", ["a", "b"]]],
    ],
    [
      "BatchWriteItem",
      { RequestItems: { leads: [{ PutRequest: { Item: key("a") } }, { DeleteRequest: { Key: key("b") } }] } },
      [["dynamodb:BatchWriteItem", "T", ["a", "b"]]],
    ],
    [
      "TransactGetItems",
      { TransactItems: [{ Get: { TableName: "leads", Key: key("a") } }] },
      [["dynamodb:GetItem", "T", ["a"]]],
    ],
    [
      "TransactWriteItems",
      {
        TransactItems: [
          { Put: { TableName: "leads", Item: key("a") } },
          { Update: { TableName: "leads", Key: key("b") } },
          { Delete: { TableName: "leads", Key: key("c") } },
          { ConditionCheck: { TableName: "leads", Key: key("d") } },
        ],
      },
      [
        ["dynamodb:PutItem", "T", ["a"]],
        ["dynamodb:UpdateItem", "T", ["b"]],
        ["dynamodb:DeleteItem", "T", ["c"]],
        ["dynamodb:ConditionCheckItem", "T", ["d"]],
      ],
    ],
    ["DescribeTable", { TableName: "leads" }, [["dynamodb:DescribeTable", "T", undefined]]],
    ["ListTables", {}, [["dynamodb:ListTables", "*", undefined]]],
  ])("%s", (operation, request, expected) => {
    expect(summary(operation, request)).toEqual(expected);
  });

  it.each([
    ["a plain name", { KeyConditionExpression: "pk = :p" }],
    ["a placeholder", { KeyConditionExpression: "#k = :p", ExpressionAttributeNames: { "#k": "pk" } }],
    [
      "parentheses, no spaces",
      { KeyConditionExpression: "(#k=:p)AND(begins_with(sk,:s))", ExpressionAttributeNames: { "#k": "pk" } },
    ],
    ["the sort key first", { KeyConditionExpression: "sk = :s AND pk = :p" }],
    ["sides swapped", { KeyConditionExpression: ":p = pk AND sk BETWEEN :s AND :t" }],
    ["the old syntax", { KeyConditions: { pk: { ComparisonOperator: "EQ", AttributeValueList: [{ S: "a" }] } } }],
  ])("finds a Query's partition key: %s", (_, request) => {
    const values = { ":p": { S: "a" }, ":s": { S: "b" }, ":t": { S: "c" } };
    expect(summary("Query", { TableName: "leads", ExpressionAttributeValues: values, ...request })).toEqual([
      ["dynamodb:Query", "T", ["a"]],
    ]);
  });

  it("takes the index's own key and ARN where a Query names an index", () => {
    const request = { TableName: "leads", IndexName: "byOwner", KeyConditionExpression: "#o = :o AND pk = :p" };
    const names = { ExpressionAttributeNames: { "#o": "owner" } };
    const values = { ExpressionAttributeValues: { ":o": { S: "ann" }, ":p": { S: "not this" } } };
    expect(summary("Query", { ...request, ...names, ...values })).toEqual([
      ["dynamodb:Query", "T/index/byOwner", ["ann"]],
    ]);
  });

  it("names the transaction that encloses an item", () => {
    const request = { TransactItems: [{ Put: { TableName: "leads", Item: key("a") } }] };
    const [access] = accessesOf("TransactWriteItems", request, tables);
    expect(access?.context("dynamodb:enclosingoperation")).toEqual(["TransactWriteItems"]);
    const [plain] = accessesOf("PutItem", { TableName: "leads", Item: key("a") }, tables);
    expect(plain?.context("dynamodb:enclosingoperation")).toBeUndefined();
  });

  it("lists the top-level attributes that every expression touches", () => {
    const request = {
      TableName: "leads",
      Key: key("a"),
      UpdateExpression: "SET #n.first = if_not_exists(title, :t), score = score + :one REMOVE notes[0].body",
      ConditionExpression: "attribute_exists(pk) AND NOT locked = :no",
      ExpressionAttributeNames: { "#n": "name" },
    };
    const [access] = accessesOf("UpdateItem", request, tables);
    expect([...(access?.context("dynamodb:attributes") ?? [])].sort()).toEqual([
      "locked",
      "name",
      "notes",
      "pk",
      "score",
      "sk",
      "title",
    ]);
  });
});
