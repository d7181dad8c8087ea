import { type ApiKey, apiKeyIdOf, secretOf } from "../access/api-key.ts";
import { DomainError } from "../errors.ts";
import { requireIdempotencyKey } from "../http/idempotency-key.ts";
import { parseJson, parsePart } from "../http/request.ts";
import type { Handlers } from "../http/router.ts";
import { messageInputSchema, type messageRoutes } from "../http/routes/messages.ts";
import { intakeIdOf } from "../intake/intake-keys.ts";
import { putIntake } from "../intake/intake-store.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { TemplateOf } from "./compose.ts";
import { templates } from "./templates/templates.ts";

export interface MessageDependencies {
  readonly table: Table;
  readonly now: () => Date;
  readonly apiKey: (id: string) => Promise<ApiKey | undefined>;
  readonly templateOf: TemplateOf;
}

const largestBody = 64 * 1024;

/** The door's handler of transactional mail: one durable write, whose key is the caller's idempotency key. */
export function messageHandlers({
  table,
  now,
  apiKey,
  templateOf,
}: MessageDependencies): Handlers<typeof messageRoutes> {
  return {
    async sendMessage({ headers, rawBody }) {
      const key = await keyOf(headers.authorization, apiKey);
      const idempotencyKey = requireIdempotencyKey(headers["idempotency-key"]);
      if (rawBody.length > largestBody) throw new DomainError("payload_too_large", "A message has 64 KB at most.");
      const body = parsePart(messageInputSchema, parseJson(rawBody), "");
      await requireTransactional(body.templateId, templateOf);
      const intakeId = intakeIdOf(["message", key.name], idempotencyKey);
      await putIntake(table, {
        type: "message",
        intakeId,
        bodyHash: digestOf([JSON.stringify(body)]),
        payload: { source: key.name, email: body.to, templateId: body.templateId, data: body.data },
        receivedAt: now(),
      });
      return { status: 202, body: { status: "accepted", messageId: intakeId } };
    },
  };
}

async function keyOf(authorization: string | undefined, apiKey: MessageDependencies["apiKey"]): Promise<ApiKey> {
  const secret = secretOf(authorization);
  const key = secret === undefined ? undefined : await apiKey(apiKeyIdOf(secret));
  if (key === undefined) throw new DomainError("unauthorized", "Send an API key as `Authorization: Bearer …`.");
  if (key.scopes.includes("messages")) return key;
  throw new DomainError("forbidden", "This API key may not send messages; it lacks the scope messages.");
}

async function requireTransactional(id: string, templateOf: TemplateOf): Promise<void> {
  const template = await templateOf(id).catch((cause: unknown) => {
    if (templates.has(id)) throw cause;
    throw refusal("there is no such template", cause);
  });
  if (template.stream !== "transactional") throw refusal("it is a marketing template, which only journeys send");
  if (template.asksForConsent) throw refusal("it asks for consent, which only forms do");
}

function refusal(message: string, cause?: unknown): DomainError {
  const errors = [{ pointer: "/templateId", message, code: "template" }];
  return new DomainError("invalid_input", `This template cannot be sent: ${message}.`, { errors, cause });
}
