type TableAction = "GetItem" | "BatchGetItem" | "Query" | "PutItem" | "UpdateItem" | "DeleteItem";

/** One statement of a role: these actions on items whose partition key is like one of these. */
export interface TableGrant {
  readonly actions: readonly TableAction[];
  /** Patterns of the partition key, or of `gsi1pk` for a grant on the index. Never `*` alone. */
  readonly leadingKeys: readonly string[];
  readonly on?: "table" | "gsi1";
}

export interface FunctionSettings {
  readonly entry: string;
  /** Entry files of what it hands to browsers, bundled for them and known to it as `browserFiles`. */
  readonly browser?: readonly string[];
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Why this memory and this time-out. */
  readonly reason: string;
  readonly table: readonly TableGrant[];
  /** What it may do with the secrets of sources in Secrets Manager. */
  readonly sourceSecrets?: readonly SecretAction[];
  /** And with those of webhook endpoints. */
  readonly webhookSecrets?: readonly SecretAction[];
}

export type SecretAction = "GetSecretValue" | "PutSecretValue" | "CreateSecret";
