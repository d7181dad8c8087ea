import { DomainError } from "../errors.ts";
import type { Form } from "../forms/form.ts";
import { sourceOf } from "../forms/form-source.ts";
import {
  type Entries,
  isTrapped,
  ownNames,
  readSubmission,
  type Submission,
  secondsTooFast,
} from "../forms/submission.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import { requireOrigin } from "./cors.ts";
import type { FormPayload } from "./intake.ts";
import { intakeIdOf } from "./intake-keys.ts";
import { putIntake } from "./intake-store.ts";
import { countRequest } from "./rate-limit.ts";
import { readBody, refused, requireSize } from "./submission-body.ts";

/** A post as the gateway passed it. */
export interface Post {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly rawBody: Buffer;
  readonly sourceIp: string;
}

/** What became of a post that could be read. A trapped one looks accepted to whoever sent it. */
export type Outcome =
  | { readonly kind: "accepted" | "trapped"; readonly submissionId: string }
  | { readonly kind: "too fast" | "unfit"; readonly entries: Entries; readonly error: DomainError };

/**
 * Takes a post to a form: reads it, judges it, counts it and keeps it by one durable write.
 *
 * @throws DomainError for a post that cannot be read or taken. Nothing is stored then, nor of one that is unfit or too fast.
 */
export async function takeSubmission(table: Table, form: Form, post: Post, now: Date): Promise<Outcome> {
  requireOrigin(form, post.headers);
  requireSize(post.rawBody);
  const key = idempotencyKeyOf(post.headers);
  const entries = await readBody(post.rawBody, post.headers["content-type"]);
  if (isTrapped(entries)) return { kind: "trapped", submissionId: intakeIdOf(["trap", form.id], now.toISOString()) };
  const submission = readSubmission(form, entries);
  if (!("fields" in submission)) return { kind: "unfit", entries, error: refused(submission) };
  const early = secondsTooFast(form, submission, now);
  if (early > 0) return { kind: "too fast", entries, error: tooFast(early) };

  await countRequest(table, { counter: form.id, sourceIp: post.sourceIp, limit: form.rateLimit, now });
  const bodyHash = contentHash(submission);
  const submissionId = submissionIdOf({ form, submission, key, bodyHash, now });
  const payload = payloadOf(form, submission, sourceOf(entries, post.headers.referer));
  await putIntake(table, { type: "form", intakeId: submissionId, bodyHash, payload, receivedAt: now });
  return { kind: "accepted", submissionId };
}

/** @throws DomainError invalid_input for a key that is too short to be unique. */
function idempotencyKeyOf(headers: Post["headers"]): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined || /^[\x21-\x7e]{16,255}$/.test(key)) return key;
  const message = "has 16 to 255 printable characters, such as a random UUID";
  throw new DomainError("invalid_input", `Nothing was stored: the Idempotency-Key ${message}.`, {
    errors: [{ pointer: "/headers/idempotency-key", code: "invalid_format", message }],
  });
}

function tooFast(early: number): DomainError {
  const seconds = Math.ceil(early);
  const message = `was sent faster than a person fills the form in; send it again after ${seconds} s`;
  return new DomainError("invalid_input", `Nothing was stored: the form ${message}.`, {
    errors: [{ pointer: `/${ownNames.startedAt}`, code: "too_fast", message }],
    retryAfterSeconds: seconds,
  });
}

function contentHash({ fields, marketing }: Submission): string {
  const content = Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1));
  return digestOf([String(marketing), ...content.flat()]);
}

interface Identified {
  readonly form: Form;
  readonly submission: Submission;
  readonly key: string | undefined;
  readonly bodyHash: string;
  readonly now: Date;
}

const naturalWindow = 600_000;

/** The same key is the same submission; without one, the same content from the same page or in the same ten minutes is. */
function submissionIdOf({ form, submission, key, bodyHash, now }: Identified): string {
  if (key !== undefined) return intakeIdOf(["form", form.id, "key"], key);
  // Someone who goes back and corrects a slip posts from the same page: what was corrected is a new submission.
  if (submission.nonce !== undefined) return intakeIdOf(["form", form.id, "page", bodyHash], submission.nonce);
  const window = Math.floor(now.getTime() / naturalWindow);
  return intakeIdOf(["form", form.id, "content", bodyHash], String(window));
}

function payloadOf(form: Form, { fields, marketing }: Submission, page: FormPayload["page"]): FormPayload {
  return {
    formId: form.id,
    formVersion: form.version,
    fields: { ...fields },
    marketing,
    ...(marketing && form.marketing && { consent: form.marketing }),
    ...(page && { page }),
  };
}
