import type { Access } from "../access/policy.ts";
import { type JsonObject, listOf, objectOf, stringOf } from "../json.ts";
import { keyText, queriedKey, touchedAttributes } from "./expressions.ts";
import { indexOf, type Tables } from "./tables.ts";

/** What a DynamoDB request wants to do, as IAM sees it: each table of a batch and each item of a transaction by itself. */

type Of = (request: JsonObject, tables: Tables) => readonly Access[];

const OPERATIONS: Readonly<Record<string, Of>> = {
  GetItem: (request, tables) => [itemAccess("GetItem", request, tables)],
  PutItem: (request, tables) => [itemAccess("PutItem", request, tables)],
  UpdateItem: (request, tables) => [itemAccess("UpdateItem", request, tables)],
  DeleteItem: (request, tables) => [itemAccess("DeleteItem", request, tables)],
  Query: (request, tables) => [queryAccess(request, tables)],
  Scan: (request, tables) => [scanAccess(request, tables)],
  BatchGetItem: (request, tables) =>
    Object.entries(objectOf(request.RequestItems)).map(([table, keys]) =>
      access("BatchGetItem", table, tables, listOf(objectOf(keys).Keys).map(objectOf), [objectOf(keys)]),
    ),
  BatchWriteItem: (request, tables) =>
    Object.entries(objectOf(request.RequestItems)).map(([table, writes]) => {
      const requests = listOf(writes).map((write) => writeRequest(objectOf(write)));
      return access(
        "BatchWriteItem",
        table,
        tables,
        requests.map((each) => objectOf(each.Item ?? each.Key)),
        requests,
      );
    }),
  TransactGetItems: (request, tables) => transactionAccesses(request, tables, "TransactGetItems", { Get: "GetItem" }),
  TransactWriteItems: (request, tables) =>
    transactionAccesses(request, tables, "TransactWriteItems", {
      Put: "PutItem",
      Update: "UpdateItem",
      Delete: "DeleteItem",
      ConditionCheck: "ConditionCheckItem",
    }),
};

/** Accesses of any operation; one that is not about items is authorised on its table, or on `*` when it names none. */
export function accessesOf(operation: string, request: JsonObject, tables: Tables): readonly Access[] {
  const of = OPERATIONS[operation];
  if (of) return of(request, tables);
  const table = stringOf(request.TableName);
  return [{ action: `dynamodb:${operation}`, resource: table ? tables.arn(table) : "*", context: () => undefined }];
}

function itemAccess(action: string, request: JsonObject, tables: Tables, enclosing?: string): Access {
  const key = objectOf(request.Item ?? request.Key);
  return access(action, stringOf(request.TableName) ?? "", tables, [key], [request], enclosing);
}

function access(
  action: string,
  name: string,
  tables: Tables,
  keys: readonly JsonObject[],
  requests: readonly JsonObject[],
  enclosing?: string,
): Access {
  const partitionKey = tables.find(name)?.partitionKey.name ?? "";
  const leading = () => keys.map((key) => keyText(objectOf(key[partitionKey])) ?? "");
  return build(action, tables.arn(name), requests, leading, enclosing);
}

function queryAccess(request: JsonObject, tables: Tables): Access {
  const name = stringOf(request.TableName) ?? "";
  const table = tables.find(name);
  const index = indexOf(table, stringOf(request.IndexName));
  const leading = () => {
    const key = queriedKey(request, (index ?? table)?.partitionKey.name ?? "");
    return key === undefined ? undefined : [key];
  };
  return build("Query", resourceOf(request, name, tables), [request], leading);
}

function scanAccess(request: JsonObject, tables: Tables): Access {
  return build("Scan", resourceOf(request, stringOf(request.TableName) ?? "", tables), [request], () => undefined);
}

function resourceOf(request: JsonObject, table: string, tables: Tables): string {
  const index = stringOf(request.IndexName);
  return index === undefined ? tables.arn(table) : `${tables.arn(table)}/index/${index}`;
}

function transactionAccesses(
  request: JsonObject,
  tables: Tables,
  enclosing: string,
  kinds: Readonly<Record<string, string>>,
): readonly Access[] {
  return listOf(request.TransactItems).flatMap((entry) =>
    Object.entries(objectOf(entry)).map(([kind, part]) =>
      itemAccess(kinds[kind] ?? kind, objectOf(part), tables, enclosing),
    ),
  );
}

/** Condition keys are worked out only when a policy asks for them. */
function build(
  action: string,
  resource: string,
  requests: readonly JsonObject[],
  leading: () => readonly string[] | undefined,
  enclosing?: string,
): Access {
  return {
    action: `dynamodb:${action}`,
    resource,
    context(key) {
      switch (key) {
        case "dynamodb:leadingkeys":
          return leading();
        case "dynamodb:attributes":
          return [...new Set(requests.flatMap(touchedAttributes))];
        case "dynamodb:select":
          return one(stringOf(requests[0]?.Select));
        case "dynamodb:returnvalues":
          return one(stringOf(requests[0]?.ReturnValues));
        case "dynamodb:enclosingoperation":
          return one(enclosing);
        default:
          return undefined;
      }
    },
  };
}

function one(value: string | undefined): readonly string[] | undefined {
  return value === undefined ? undefined : [value];
}

function writeRequest(write: JsonObject): JsonObject {
  return objectOf(write.PutRequest ?? write.DeleteRequest);
}
