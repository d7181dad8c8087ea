import { mkdtempSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterEach, describe, expect, it } from "vitest";
import type { QueueModel } from "../../../../local/assembly/model.ts";
import { choosePorts } from "../../../../local/engines/ports.ts";
import { type SqsEngine, startSqs } from "../../../../local/engines/sqs.ts";

const region = "eu-central-1";
const arn = (name: string) => `arn:aws:sqs:${region}:000000000000:${name}`;
const model = (name: string, port: number, more: Partial<QueueModel> = {}): QueueModel => ({
  name,
  arn: arn(name),
  url: `http://127.0.0.1:${port}/000000000000/${name}`,
  visibilityTimeoutSeconds: 0,
  delaySeconds: 0,
  retentionSeconds: 345_600,
  ...more,
});

describe("the queue engine", () => {
  let engine: SqsEngine | undefined;
  const dataDirectory = mkdtempSync(join(tmpdir(), "queues-"));

  const start = async (keep: boolean) => {
    const { sqs: port } = await choosePorts("random", 0);
    const work = model("work", port, { redrive: { deadLetterArn: arn("dead"), maxReceiveCount: 1 } });
    const queues = [work, model("dead", port), model("later", port, { delaySeconds: 60 })];
    engine = await startSqs({ port, region, queues, ...(keep ? { dataDirectory } : {}) });
    const client = new SQSClient({
      endpoint: engine.url,
      region,
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
    });
    return { engine, client, QueueUrl: work.url, port };
  };
  const count = (name: string) => engine?.depths().find((it) => it.name === name);

  afterEach(() => engine?.close());

  it("moves a message to its dead-letter queue after too many receives", async () => {
    const { client, QueueUrl, engine } = await start(false);
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "m" }));
    await client.send(new ReceiveMessageCommand({ QueueUrl }));
    await client.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(count("dead")).toMatchObject({ ready: 1 });
    expect(engine.peek("dead")).toMatchObject([{ body: "m", state: "ready" }]);
    expect(engine.peek("nobody")).toBeUndefined();
  });

  it("holds back what is sent to a queue with a delay", async () => {
    const { client, port } = await start(false);
    await client.send(new SendMessageCommand({ QueueUrl: model("later", port).url, MessageBody: "m" }));
    expect(count("later")).toMatchObject({ ready: 0, delayed: 1 });
  });

  it("keeps messages over a restart, and knows the queue's new address and attributes", async () => {
    const first = await start(true);
    await first.client.send(new SendMessageCommand({ QueueUrl: first.QueueUrl, MessageBody: "kept" }));
    await first.engine.close();
    const second = await start(true);
    expect(second.engine.peek("work")).toMatchObject([{ body: "kept" }]);
    const { QueueUrl } = await second.client.send(new GetQueueUrlCommand({ QueueName: "work" }));
    expect(QueueUrl).toBe(second.QueueUrl);
    const { Attributes } = await second.client.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["RedrivePolicy"] }),
    );
    expect(Attributes?.RedrivePolicy).toContain("dead");
  });

  it("listens on 127.0.0.1 alone", async () => {
    const { port } = await start(false);
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter((it) => it?.family === "IPv4" && !it.internal);
    for (const it of outside) {
      await expect(
        fetch(`http://${it?.address}:${port}/health`, { signal: AbortSignal.timeout(2000) }),
      ).rejects.toThrow();
    }
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
  });
});
