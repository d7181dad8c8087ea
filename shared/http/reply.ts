/** What a handler answers. `body` is sent as JSON unless `html`, `csv` or `text` is given. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly html?: string;
  readonly text?: string;
  readonly csv?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Who calls, by what the gateway's authorizer proved. */
export interface Caller {
  readonly subject: string;
  readonly username: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
}
