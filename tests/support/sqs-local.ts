import { type FauxqsServer, startFauxqs } from "fauxqs";

export interface SqsLocal {
  readonly url: string;
  readonly server: FauxqsServer;
  close(): Promise<void>;
}

/** Starts the SQS engine in this process on a free port, so that it follows an installed clock. */
export async function startSqsLocal(): Promise<SqsLocal> {
  const server = await startFauxqs({ port: 0, logger: false });
  return { url: `http://127.0.0.1:${server.port}`, server, close: () => server.stop() };
}

/** The bodies of all messages of a queue, whatever their state. */
export function bodiesIn(sqs: SqsLocal, queue: string): readonly string[] {
  const messages = sqs.server.inspectQueue(queue)?.messages;
  if (!messages) throw new Error(`no queue ${queue}`);
  return [...messages.ready, ...messages.delayed, ...messages.inflight.map(({ message }) => message)].map(
    (message) => message.body,
  );
}
