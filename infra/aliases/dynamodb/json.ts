import { HttpRequest, type HttpResponse } from "@smithy/core/transport";
import { DynamoDBServiceException } from "../../../node_modules/@aws-sdk/client-dynamodb/dist-es/models/DynamoDBServiceException.js";
import {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from "../../../node_modules/@aws-sdk/client-dynamodb/dist-es/models/errors.js";

/**
 * DynamoDB's protocol (`awsJson1_0`) as it is: items of attribute values are JSON already. Binary values, which no item
 * has, would need base64; DynamoDB refuses them as they come out here.
 */
export function writeRequest(url: URL, operation: string, input: object): HttpRequest {
  const body = JSON.stringify(input);
  return new HttpRequest({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    ...(url.port === "" ? {} : { port: Number(url.port) }),
    path: "/",
    headers: {
      host: url.host,
      "content-type": "application/x-amz-json-1.0",
      "content-length": String(Buffer.byteLength(body)),
      "x-amz-target": `DynamoDB_20120810.${operation}`,
    },
    body,
  });
}

/** The errors that stores tell apart by their class; any other is known by its name. */
const errors: Readonly<Record<string, new (options: never) => Error>> = {
  ConditionalCheckFailedException,
  TransactionCanceledException,
};

/** @throws DynamoDBServiceException with the name of DynamoDB's error, its message and what it brings. */
export async function readAnswer({ statusCode, headers, body }: HttpResponse): Promise<object> {
  const answer = parse(await textOf(body));
  const $metadata = { httpStatusCode: statusCode, requestId: headers["x-amzn-requestid"] };
  if (statusCode < 300) return { ...answer, $metadata };
  const { __type, message, Message, ...more } = answer as Readonly<Record<string, unknown>>;
  const name = typeof __type === "string" ? (__type.split("#").at(-1) ?? "") : `HTTP ${statusCode}`;
  const options = {
    ...more,
    name,
    message: message ?? Message ?? name,
    $metadata,
    $fault: statusCode < 500 ? "client" : "server",
  };
  throw new (errors[name] ?? DynamoDBServiceException)(options as never);
}

/** What stands between a function and DynamoDB may answer with something else; its status says whether to try again. */
function parse(text: string): object {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === "object" && answer !== null ? answer : {};
  } catch {
    return {};
  }
}

function textOf(body: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    body.on("data", (chunk: Buffer) => chunks.push(chunk));
    body.on("error", reject);
    body.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}
