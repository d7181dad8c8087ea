import type { Assembly } from "../../assembly/model.ts";
import type { Access } from "../access/policy.ts";
import { type Call, Refusal, type Service } from "../call.ts";
import type { Engine } from "../engine.ts";
import { errorAnswer } from "../errors.ts";
import { type Json, type JsonObject, listOf, objectOf, parseObject, stringOf } from "../json.ts";
import type { Meter } from "../meter.ts";

export function sqsService(options: { assembly: Assembly; engine: Engine; meter: Meter }): Service {
  const { assembly, engine, meter } = options;
  const arns = new Map(assembly.queues.map((queue) => [queue.name, queue.arn]));
  const arnOf = (name: string): string =>
    arns.get(name) ?? `arn:aws:sqs:${assembly.region}:${assembly.account}:${name}`;

  return {
    prepare(call) {
      const request = parseObject(call.body.toString("utf8"));
      if (!request) {
        const message = "The request body is not a JSON object.";
        throw new Refusal(errorAnswer("sqs", { status: 400, code: "SerializationException", message }));
      }
      return {
        accesses: [accessOf(call.action, request, arnOf)],
        async perform() {
          const answer = await engine.send(call.headers, call.body);
          meter.sqs(call.payer, payloadBytes(call, request, answer.body));
          const { "content-type": type = "application/x-amz-json-1.0", "x-amzn-query-error": error } = answer.headers;
          const headers = { "content-type": type, ...(error === undefined ? {} : { "x-amzn-query-error": error }) };
          return { status: answer.status, headers, body: answer.body };
        },
      };
    },
  };
}

/** A batch is authorised as its single action; a queue is named by the last segment of its URL. */
function accessOf(action: string, request: JsonObject, arnOf: (name: string) => string): Access {
  const name = stringOf(request.QueueUrl)?.split("/").at(-1) ?? stringOf(request.QueueName);
  return {
    action: `sqs:${action.replace(/Batch$/, "")}`,
    resource: name === undefined ? "*" : arnOf(name),
    context: () => undefined,
  };
}

/** Bytes that SQS bills by: bodies and attributes of the messages that go in or come out. */
function payloadBytes(call: Call, request: JsonObject, answer: Buffer): number {
  switch (call.action) {
    case "SendMessage":
      return messageBytes(request.MessageBody, request.MessageAttributes);
    case "SendMessageBatch":
      return sum(listOf(request.Entries), (entry) => messageBytes(entry.MessageBody, entry.MessageAttributes));
    case "ReceiveMessage": {
      const { Messages: messages } = objectOf(parseObject(answer.toString("utf8")));
      return sum(listOf(messages), (message) => messageBytes(message.Body, message.MessageAttributes));
    }
    default:
      return 0;
  }
}

function messageBytes(body: Json | undefined, attributes: Json | undefined): number {
  const attributeBytes = Object.entries(objectOf(attributes)).map(([name, attribute]) => {
    const { DataType, StringValue, BinaryValue } = objectOf(attribute);
    const binary = Buffer.byteLength(stringOf(BinaryValue) ?? "", "base64");
    return bytes(name) + bytes(DataType) + bytes(StringValue) + binary;
  });
  return attributeBytes.reduce((total, each) => total + each, bytes(body));
}

function bytes(text: Json | undefined): number {
  return Buffer.byteLength(stringOf(text) ?? "");
}

function sum(list: readonly Json[], size: (entry: JsonObject) => number): number {
  return list.reduce<number>((total, entry) => total + size(objectOf(entry)), 0);
}
