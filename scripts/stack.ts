import { connectToHost, type HostClient } from "../local/client.ts";

/** The product as it runs on a local host: its two APIs, and the host that runs it. */
export interface Stack {
  readonly host: HostClient;
  readonly publicUrl: string;
  readonly staffUrl: string;
  readonly consoleUrl: string;
  /** Calls the staff API as a development user; the token is fetched anew each time, since time may have moved. */
  staff(user: string, method: string, path: string, options?: StaffOptions): Promise<Response>;
}

export interface StaffOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as CSV. */
  readonly csv?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @param controlUrl of the host; by default, where `npm start` puts it */
export async function connectToStack(controlUrl?: string): Promise<Stack> {
  const host = connectToHost(controlUrl);
  const { outputs } = await host.state();
  const [publicUrl, staffUrl] = [outputNamed(outputs, "PublicUrl"), outputNamed(outputs, "StaffUrl")];
  const consoleUrl = outputNamed(outputs, "ConsoleUrl");
  return {
    host,
    publicUrl,
    staffUrl,
    consoleUrl,
    async staff(user, method, path, { body, csv, headers } = {}) {
      const type = csv === undefined ? "application/json" : "text/csv";
      const text = csv ?? (body === undefined ? undefined : JSON.stringify(body));
      const authorization = `Bearer ${await host.token(user)}`;
      return fetch(`${staffUrl}${path}`, {
        method,
        headers: { authorization, ...(text !== undefined && { "content-type": type }), ...headers },
        ...(text !== undefined && { body: text }),
      });
    },
  };
}

function outputNamed(outputs: Readonly<Record<string, string>>, name: string): string {
  const value = Object.entries(outputs).find(([key]) => key.endsWith(name))?.[1];
  if (value === undefined) throw new Error(`The running stacks have no output ${name}.`);
  return value.replace(/\/$/, "");
}
