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
  readonly body?: unknown;
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
    async staff(user, method, path, { body, headers } = {}) {
      const authorization = `Bearer ${await host.token(user)}`;
      return fetch(`${staffUrl}${path}`, {
        method,
        headers: { authorization, ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    },
  };
}

function outputNamed(outputs: Readonly<Record<string, string>>, name: string): string {
  const value = Object.entries(outputs).find(([key]) => key.endsWith(name))?.[1];
  if (value === undefined) throw new Error(`The running stacks have no output ${name}.`);
  return value.replace(/\/$/, "");
}
