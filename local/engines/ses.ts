import sesServer from "aws-ses-v2-local";
import { host } from "./ports.ts";

export interface SesEngine {
  /** API and mailbox page at once. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the mail engine with its mailbox page in this process. It keeps mails in memory; the gateway keeps the files. */
export async function startSes(options: { port: number }): Promise<SesEngine> {
  // The package is CommonJS: its default export holds the function once more under `default`.
  const server = await sesServer.default({ host, port: options.port });
  return {
    url: `http://${host}:${options.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
