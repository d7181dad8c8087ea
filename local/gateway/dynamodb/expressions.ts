import { isObject, type JsonObject, listOf, objectOf, stringOf } from "../json.ts";

/** What the gateway must know of DynamoDB's expressions: the partition key they name and the attributes they touch. */

const TOKEN = /[:#][A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*|<=|>=|<>|[=<>(),.[\]+-]|\d+/g;
const KEYWORDS = new Set(["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"]);
const EXPRESSIONS = [
  "KeyConditionExpression",
  "FilterExpression",
  "ProjectionExpression",
  "ConditionExpression",
  "UpdateExpression",
] as const;

/** The value of the partition key that a Query names, in either of the two syntaxes; undefined when it names none. */
export function queriedKey(request: JsonObject, partitionKey: string): string | undefined {
  const legacy = objectOf(objectOf(request.KeyConditions)[partitionKey]);
  if (legacy.ComparisonOperator === "EQ") return keyText(objectOf(listOf(legacy.AttributeValueList)[0]));
  const expression = stringOf(request.KeyConditionExpression);
  if (expression === undefined) return undefined;
  const names = objectOf(request.ExpressionAttributeNames);
  const tokens = expression.match(TOKEN) ?? [];
  for (const [at, token] of tokens.entries()) {
    if (token !== "=") continue;
    const sides = [tokens[at - 1] ?? "", tokens[at + 1] ?? ""];
    const value = sides.find((side) => side.startsWith(":"));
    const isKey = sides.some((side) => !side.startsWith(":") && (names[side] ?? side) === partitionKey);
    if (value && isKey) return keyText(objectOf(objectOf(request.ExpressionAttributeValues)[value]));
  }
  return undefined;
}

/** The text that `dynamodb:LeadingKeys` holds for a key's typed value. */
export function keyText(value: JsonObject): string | undefined {
  return stringOf(value.S) ?? stringOf(value.N) ?? stringOf(value.B);
}

/** Top-level attributes that a request reads, writes or tests. */
export function touchedAttributes(request: JsonObject): readonly string[] {
  const names = objectOf(request.ExpressionAttributeNames);
  const touched = new Set<string>([...Object.keys(objectOf(request.Key)), ...Object.keys(objectOf(request.Item))]);
  for (const key of ["KeyConditions", "QueryFilter", "ScanFilter", "Expected", "AttributeUpdates"]) {
    for (const name of Object.keys(objectOf(request[key]))) touched.add(name);
  }
  for (const name of listOf(request.AttributesToGet)) if (typeof name === "string") touched.add(name);
  for (const key of listOf(request.Keys)) if (isObject(key)) for (const name of Object.keys(key)) touched.add(name);
  for (const kind of EXPRESSIONS) for (const name of pathsOf(stringOf(request[kind]) ?? "", names)) touched.add(name);
  return [...touched];
}

function pathsOf(expression: string, names: JsonObject): readonly string[] {
  const tokens = expression.match(TOKEN) ?? [];
  return tokens.flatMap((token, at) => {
    const isPath = /^[#A-Za-z_]/.test(token) && !KEYWORDS.has(token.toUpperCase());
    const isNested = tokens[at - 1] === ".";
    const isFunction = tokens[at + 1] === "(" && !token.startsWith("#");
    return isPath && !isNested && !isFunction ? [stringOf(names[token]) ?? token] : [];
  });
}
