import { type SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, test } from "vitest";
import { createMailQueue } from "../../../shared/email/mail-queue.ts";
import { message } from "./world.ts";

type Batch = SendMessageBatchCommand["input"];

function setup(answer: (batch: Batch) => object = allAccepted) {
  const batches: Batch[] = [];
  const client = new SQSClient({ region: "us-east-1" });
  client.middlewareStack.add(
    () => async (args) => {
      const batch: Batch = JSON.parse(JSON.stringify(args.input));
      batches.push(batch);
      return { response: {}, output: { $metadata: {}, ...answer(batch) } };
    },
    { step: "initialize" },
  );
  return { batches, send: createMailQueue({ client, url: "http://127.0.0.1/mail" }) };
}

function allAccepted({ Entries = [] }: Batch) {
  return { Successful: Entries.map(({ Id }) => ({ Id, MessageId: `m-${Id}`, MD5OfMessageBody: "" })) };
}

const sized = (bytes: number) => ({ ...message, data: { filler: "x".repeat(bytes) } });

describe("the mail queue", () => {
  test("sends calls of one turn in batches of at most ten, in order", async () => {
    const { batches, send } = setup();
    await Promise.all(Array.from({ length: 23 }, (_, n) => send({ ...message, messageKey: `k${n}` })));
    expect(batches.map(({ Entries = [] }) => Entries.length)).toEqual([10, 10, 3]);
    const keys = batches.flatMap(({ Entries = [] }) =>
      Entries.map((entry) => JSON.parse(entry.MessageBody ?? "").messageKey),
    );
    expect(keys).toEqual(Array.from({ length: 23 }, (_, n) => `k${n}`));
  });

  test("keeps a batch below one mebibyte", async () => {
    const { batches, send } = setup();
    await Promise.all([600_000, 500_000, 400_000].map((bytes) => send(sized(bytes))));
    expect(batches.map(({ Entries = [] }) => Entries.length)).toEqual([1, 2]);
  });

  test("refuses what no batch can carry, and sends the others", async () => {
    const { batches, send } = setup();
    const results = await Promise.allSettled([send(sized(1_100_000)), send(message)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    expect(batches).toHaveLength(1);
  });

  test("settles each call by its own entry's result", async () => {
    const { send } = setup(({ Entries = [] }) => ({
      Successful: Entries.filter(({ Id }) => Id === "0").map(({ Id }) => ({ Id })),
      Failed: Entries.filter(({ Id }) => Id === "1").map(({ Id }) => ({
        Id,
        Code: "InternalError",
        SenderFault: false,
      })),
    }));
    const results = await Promise.allSettled([send(message), send(message), send(message)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(results[1]).toMatchObject({ reason: { message: expect.stringContaining("InternalError") } });
  });

  test("rejects every call of a batch that did not arrive", async () => {
    const { send } = setup(() => {
      throw new Error("down");
    });
    const results = await Promise.allSettled([send(message), send(message)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});
