import { type ApiKey, apiKeyIdOf, secretOf } from "../access/api-key.ts";
import { DomainError } from "../errors.ts";
import { requireIdempotencyKey } from "../http/idempotency-key.ts";
import { parseJson, parsePart } from "../http/request.ts";
import type { Handlers } from "../http/router.ts";
import type { feedbackDoorRoutes } from "../http/routes/feedback.ts";
import { intakeIdOf } from "../intake/intake-keys.ts";
import { putIntake } from "../intake/intake-store.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { feedbackInputSchema } from "./feedback-input.ts";

interface Dependencies {
  readonly table: Table;
  readonly now: () => Date;
  readonly apiKey: (id: string) => Promise<ApiKey | undefined>;
}

const largestBody = 64 * 1024;
/** Clocks differ. */
const ahead = 300_000;

/** The door's handler of feedback: one durable write, whose key is the caller's idempotency key. */
export function feedbackDoorHandlers({ table, now, apiKey }: Dependencies): Handlers<typeof feedbackDoorRoutes> {
  return {
    async postFeedback({ headers, rawBody }) {
      const key = await keyOf(headers.authorization, apiKey);
      const idempotencyKey = requireIdempotencyKey(headers["idempotency-key"]);
      if (rawBody.length > largestBody) throw new DomainError("payload_too_large", "Feedback has 64 KB at most.");
      const body = parsePart(feedbackInputSchema, parseJson(rawBody), "");
      const { kind, occurredAt, ...said } = body;
      const receivedAt = now();
      const happened = occurredAt === undefined ? receivedAt : new Date(occurredAt);
      if (happened.getTime() > receivedAt.getTime() + ahead) throw notYet();
      const intakeId = intakeIdOf(["feedback", key.name], idempotencyKey);
      await putIntake(table, {
        type: "feedback",
        intakeId,
        bodyHash: digestOf([JSON.stringify(body)]),
        payload: { feedbackKind: kind, ...said },
        receivedAt,
        occurredAt: happened,
      });
      return { status: 202, body: { status: "accepted", id: intakeId.slice(0, 24) } };
    },
  };
}

async function keyOf(authorization: string | undefined, apiKey: Dependencies["apiKey"]): Promise<ApiKey> {
  const secret = secretOf(authorization);
  const key = secret === undefined ? undefined : await apiKey(apiKeyIdOf(secret));
  if (key === undefined) throw new DomainError("unauthorized", "Send an API key as `Authorization: Bearer …`.");
  if (key.scopes.includes("track")) return key;
  throw new DomainError("forbidden", "This API key may not post feedback; it lacks the scope track.");
}

function notYet(): DomainError {
  return new DomainError("invalid_input", "Feedback that has not been given yet cannot be told.", {
    errors: [{ pointer: "/occurredAt", message: "lies in the future", code: "future" }],
  });
}
