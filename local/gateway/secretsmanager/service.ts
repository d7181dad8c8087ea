import { randomUUID } from "node:crypto";
import type { Assembly } from "../../assembly/model.ts";
import type { SecretsEngine, StoredSecret } from "../../engines/secrets.ts";
import type { Clock } from "../../interfaces.ts";
import type { Answer } from "../call.ts";
import { Refusal, type Service } from "../call.ts";
import { errorAnswer } from "../errors.ts";
import { type JsonObject, parseObject, stringOf } from "../json.ts";

const largestSecret = 65_536;

type Action = (request: JsonObject, name: string) => JsonObject;

/** Secrets Manager as far as an application uses it at run time: create, put and get a text, in its current version. */
export function secretsManagerService(options: {
  readonly assembly: Pick<Assembly, "region" | "account">;
  readonly secrets: SecretsEngine;
  readonly clock: Clock;
}): Service {
  const { secrets, clock } = options;
  const prefix = `arn:aws:secretsmanager:${options.assembly.region}:${options.assembly.account}:secret:`;
  const arnOf = ({ name, suffix }: StoredSecret) => `${prefix}${name}-${suffix}`;

  const actions: Readonly<Record<string, Action>> = {
    GetSecretValue(request, id) {
      allow(request, ["SecretId"]);
      const secret = existing(id);
      return {
        ARN: arnOf(secret),
        Name: secret.name,
        CreatedDate: secret.versionCreatedAt / 1000,
        SecretString: secret.secretString,
        VersionId: secret.versionId,
        VersionStages: ["AWSCURRENT"],
      };
    },
    CreateSecret(request, name) {
      allow(request, ["Name", "SecretString", "ClientRequestToken", "Description"]);
      const held = secrets.get(name);
      const version = versionOf(request);
      if (held !== undefined && !isSame(held, version)) {
        throw failure("ResourceExistsException", `The operation failed because the secret ${name} already exists.`);
      }
      return keep(held ?? { name, suffix: randomUUID().slice(0, 6), createdAt: clock.now(), ...version });
    },
    PutSecretValue(request, id) {
      allow(request, ["SecretId", "SecretString", "ClientRequestToken"]);
      const held = existing(id);
      const version = versionOf(request);
      if (held.versionId === version.versionId && !isSame(held, version)) {
        throw failure("ResourceExistsException", "You can't use ClientRequestToken of another value again.");
      }
      return { ...keep({ ...held, ...version }), VersionStages: ["AWSCURRENT"] };
    },
  };

  /** A secret is asked for by its name or by its ARN. */
  function find(id: string): StoredSecret | undefined {
    return secrets.get(id.startsWith(prefix) ? id.slice(prefix.length).replace(/-[^-]{6}$/, "") : id);
  }

  function existing(id: string): StoredSecret {
    const secret = find(id);
    if (secret) return secret;
    throw failure("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  }

  function versionOf(request: JsonObject) {
    const secretString = stringOf(request.SecretString);
    if (secretString === undefined) throw failure("InvalidRequestException", "You must provide SecretString.");
    if (Buffer.byteLength(secretString) > largestSecret) {
      throw failure("InvalidParameterException", `A secret has at most ${largestSecret} bytes.`);
    }
    const versionId = stringOf(request.ClientRequestToken) ?? randomUUID();
    return { secretString, versionId, versionCreatedAt: clock.now() };
  }

  function keep(secret: StoredSecret): JsonObject {
    secrets.put(secret);
    return { ARN: arnOf(secret), Name: secret.name, VersionId: secret.versionId };
  }

  return {
    prepare({ action, body }) {
      const request = parseObject(body.toString("utf8"));
      const perform = Object.hasOwn(actions, action) ? actions[action] : undefined;
      if (!request || !perform) {
        throw failure("UnknownOperationException", `${action} of Secrets Manager is not emulated.`);
      }
      const id = stringOf(request.SecretId) ?? stringOf(request.Name);
      if (id === undefined || !/^[\w/+=.@:-]{1,512}$/.test(id)) {
        throw failure("InvalidParameterException", "The name of a secret has letters, digits and /_+=.@- only.");
      }
      const secret = find(id);
      const resource = secret ? arnOf(secret) : id.startsWith(prefix) ? id : `${prefix}${id}`;
      return {
        accesses: [{ action: `secretsmanager:${action}`, resource, context: () => undefined }],
        perform: async () => jsonAnswer(perform(request, id)),
      };
    },
  };
}

/** A member that is not emulated is refused, not passed over. */
function allow(request: JsonObject, members: readonly string[]): void {
  const strange = Object.keys(request).find((member) => !members.includes(member));
  if (strange === undefined) return;
  throw failure("InvalidParameterException", `${strange} is not emulated here.`);
}

function isSame(held: StoredSecret, version: Pick<StoredSecret, "versionId" | "secretString">): boolean {
  return held.versionId === version.versionId && held.secretString === version.secretString;
}

function failure(code: string, message: string): Refusal {
  return new Refusal(errorAnswer("secretsmanager", { status: 400, code, message }));
}

function jsonAnswer(body: JsonObject): Answer {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": randomUUID() };
  return { status: 200, headers, body: JSON.stringify(body) };
}
