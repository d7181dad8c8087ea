import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";

type Bytes = string | ArrayBuffer | NodeJS.ArrayBufferView;

const viewOf = (data: Bytes): string | NodeJS.ArrayBufferView =>
  data instanceof ArrayBuffer ? new Uint8Array(data) : data;

/**
 * Stands for `@smithy/core/checksum` in the bundles: the digests that the clients of DynamoDB, SQS and SES use, by Node's
 * own crypto as that package has them, without its 5 KB in JavaScript for a Node that lacks crypto.
 */
class NodeChecksum {
  readonly #algorithm: "md5" | "sha256";
  readonly #secret: Bytes | undefined;
  #hash: Hash | Hmac;

  constructor(algorithm: "md5" | "sha256", secret?: Bytes) {
    this.#algorithm = algorithm;
    this.#secret = secret;
    this.#hash = this.#start();
  }

  update(data: Bytes): void {
    this.#hash.update(viewOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }

  reset(): void {
    this.#hash = this.#start();
  }

  #start(): Hash | Hmac {
    if (this.#secret === undefined) return createHash(this.#algorithm);
    return createHmac(this.#algorithm, viewOf(this.#secret));
  }
}

export class Sha256 extends NodeChecksum {
  constructor(secret?: Bytes) {
    super("sha256", secret);
  }
}

export class Md5 extends NodeChecksum {
  constructor() {
    super("md5");
  }
}
