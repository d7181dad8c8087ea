import { randomBytes } from "node:crypto";
import type { Assembly, FunctionModel } from "../assembly/model.ts";
import type { Credentials } from "../interfaces.ts";
import { PolicyError } from "./access/conditions.ts";
import { compilePolicy, type Grant, type Policy } from "./access/policy.ts";
import type { Payer } from "./meter.ts";

/** One function process: whose it is and what it serves now. */
export interface Session {
  readonly accessKeyId: string;
  readonly policy: Policy;
  /** The principal in AWS's messages. */
  readonly user: string;
  payer: Payer;
}

export interface Sessions {
  issue(fn: FunctionModel): Credentials;
  revoke(accessKeyId: string): void;
  find(accessKeyId: string): Session | undefined;
  begin(accessKeyId: string, route: string): void;
  end(accessKeyId: string): void;
  policyOf(functionName: string): Policy | undefined;
  grants(): Readonly<Record<string, readonly Grant[]>>;
}

/** Label of calls made outside an invocation: at start-up, or left running after the answer. */
export const NO_ROUTE = "outside an invocation";

/** Compiles every function's policies at once, so that what cannot be evaluated stops the start. */
export function createSessions(assembly: Assembly): Sessions {
  const policies = new Map(assembly.functions.map((fn) => [fn.name, compilePolicy(fn)]));
  const sessions = new Map<string, Session>();

  function serve(accessKeyId: string, route: string): void {
    const session = sessions.get(accessKeyId);
    if (session) session.payer = { function: session.payer.function, route };
  }

  return {
    issue(fn) {
      const policy = policies.get(fn.name);
      if (!policy) throw new PolicyError(`The assembly has no function ${fn.name}.`);
      const accessKeyId = `ASIA${letters(16)}`;
      const user = `arn:aws:sts::${assembly.account}:assumed-role/${fn.roleArn.split("/").at(-1)}/${fn.name}`;
      sessions.set(accessKeyId, { accessKeyId, policy, user, payer: { function: fn.name, route: NO_ROUTE } });
      return { accessKeyId, secretAccessKey: letters(40), sessionToken: letters(64) };
    },
    revoke: (accessKeyId) => void sessions.delete(accessKeyId),
    find: (accessKeyId) => sessions.get(accessKeyId),
    begin: serve,
    end: (accessKeyId) => serve(accessKeyId, NO_ROUTE),
    policyOf: (functionName) => policies.get(functionName),
    grants: () => Object.fromEntries([...policies].map(([name, policy]) => [name, policy.grants()])),
  };
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function letters(count: number): string {
  return Array.from(randomBytes(count), (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}
