import { createRequire } from "node:module";
import type sesPackage from "aws-ses-v2-local";
import { host } from "./ports.ts";

// The package is CommonJS compiled from ESM: loaders disagree about its default export, `require` does not.
const { default: startServer }: typeof sesPackage = createRequire(import.meta.url)("aws-ses-v2-local");

export interface SesEngine {
  /** API and mailbox page at once. */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the mail engine with its mailbox page in this process. It keeps mails in memory; the gateway keeps the files. */
export async function startSes(options: { port: number }): Promise<SesEngine> {
  const server = await startServer({ host, port: options.port });
  return {
    url: `http://${host}:${options.port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
