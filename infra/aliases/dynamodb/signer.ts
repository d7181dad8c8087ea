import { createHash, createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { Credentials } from "../credential-provider.ts";

export interface SignerOptions {
  readonly service: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/** A POST to `/` whose header names are in lower case. */
interface Request {
  readonly headers: Record<string, string>;
  readonly body?: string;
}

const hmac = (key: string | Buffer | KeyObject, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Only these are signed: headers that change with each attempt stay out, and a signature costs no more than it must. */
const signedHeaders = ["content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"];

/** Signs requests by AWS's Signature Version 4, in place; a signature that is there is replaced. */
export function createSigner({ service, region, credentials }: SignerOptions) {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  let ofDay: { readonly scope: string; readonly key: KeyObject } | undefined;

  function keyOf(scope: string): KeyObject {
    if (ofDay?.scope !== scope) {
      let key: string | Buffer = `AWS4${secretAccessKey}`;
      for (const part of scope.split("/")) key = hmac(key, part);
      ofDay = { scope, key: createSecretKey(Buffer.from(key)) };
    }
    return ofDay.key;
  }

  return ({ headers, body = "" }: Request, at: Date): void => {
    const time = at.toISOString().replace(/[-:]|\.\d{3}/g, "");
    headers["x-amz-date"] = time;
    if (sessionToken !== undefined) headers["x-amz-security-token"] = sessionToken;
    const names = signedHeaders.filter((name) => headers[name] !== undefined);
    const lines = names.map((name) => `${name}:${headers[name]}\n`).join("");
    const canonical = `POST\n/\n\n${lines}\n${names.join(";")}\n${sha256(body)}`;
    const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
    const signature = hmac(keyOf(scope), `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString("hex");
    headers.authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  };
}
