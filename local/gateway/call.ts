import type { Access } from "./access/policy.ts";
import type { Payer } from "./meter.ts";

/** Services whose calls go on to an engine of their own. */
export type EngineName = "dynamodb" | "sqs" | "ses";
export type ServiceName = EngineName | "secretsmanager";

/** One call as it arrived. */
export interface Call {
  readonly service: ServiceName;
  /** The operation's name, `PutItem`. */
  readonly action: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly payer: Payer;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string;
}

/** A call understood: what it wants to do, and how it is done and metered. */
export interface PreparedCall {
  readonly accesses: readonly Access[];
  perform(): Promise<Answer>;
}

/** A service's side of the gateway. Throws Refusal at a call that cannot be understood. */
export interface Service {
  prepare(call: Call): PreparedCall | Promise<PreparedCall>;
}

/** An answer that ends the call where it is. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly answer: Answer;
  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}
