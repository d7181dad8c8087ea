import { getContact } from "../contacts/contact-store.ts";
import { parseEmailAddress } from "../contacts/email-address.ts";
import { findByEmail } from "../contacts/identity-store.ts";
import { DomainError } from "../errors.ts";
import { requireIdempotencyKey } from "../http/idempotency-key.ts";
import type { Handlers } from "../http/router.ts";
import type { runRoutes } from "../http/routes/runs.ts";
import { intakeIdOf } from "../intake/intake-keys.ts";
import { putIntake } from "../intake/intake-store.ts";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { Journey } from "./definition.ts";
import { replayed } from "./engine.ts";
import { openJourneys } from "./journey-store.ts";
import { type StepOutcome, withOutcomes } from "./outcome.ts";
import { readOutcomes } from "./outcome-store.ts";
import { replayFailed } from "./replay-store.ts";
import { placeOf, type Run, runIdOf } from "./run.ts";
import { getRun, replaceRun, runsOf } from "./run-store.ts";
import { startingEvents } from "./trigger.ts";

export interface RunHandlerDependencies {
  readonly table: Table;
  readonly now: () => Date;
}

/** The staff API's handlers of runs. */
export function runHandlers({ table, now }: RunHandlerDependencies): Handlers<typeof runRoutes> {
  const store = openJourneys(table);

  /** The version that a request starts. */
  async function requireRequestable(id: string): Promise<Journey> {
    const head = await store.head(id);
    if (head === undefined) throw new DomainError("not_found", `There is no journey ${id}.`);
    if (head.state !== "published")
      throw refusal(`The journey ${id} is ${head.state}: nobody enters it.`, "invalid_state");
    const journey = await store.version(id, head.publishedVersion);
    if (journey === undefined) throw new Error(`the journey ${id} lacks its version ${head.publishedVersion}`);
    if (journey.trigger.type !== "api") {
      const how = `It starts with ${startingEvents(journey).join(" or ")}; give it the trigger { "type": "api" }, or tell of that event.`;
      throw refusal(`The journey ${id} is not started by the API. ${how}`, "not_api_triggered");
    }
    return journey;
  }

  return {
    async startJourneyRun({ params: { id }, body, headers, caller }) {
      const key = requireIdempotencyKey(headers["idempotency-key"]);
      await requireRequestable(id);
      const { entryKey, properties } = body;
      const contactId = await contactOf(table, body);
      const by = caller?.username ?? "unknown";
      await putIntake(table, {
        type: "journey",
        intakeId: intakeIdOf(["journey", id, caller?.subject ?? ""], key),
        bodyHash: digestOf([JSON.stringify(body)]),
        payload: { journeyId: id, contactId, by, properties, ...(entryKey !== undefined && { entryKey }) },
        receivedAt: now(),
      });
      return { status: 202, body: { status: "accepted", contactId } };
    },

    async listJourneyRuns({ params }) {
      const runs = await runsOf(table, params.contactId, { journeyId: params.id });
      const items = await Promise.all(runs.map(async (run) => viewOfRun(run, await readOutcomes(table, run))));
      return { status: 200, body: { items, nextCursor: null } };
    },

    async replayJourneyRun({ params: { id, runId } }) {
      const place = placeOf(id, runId);
      const run = place && (await getRun(table, place.contactId, place.sk));
      if (run === undefined) throw new DomainError("not_found", `The journey ${id} has no run ${runId}.`);
      const next = replayed(run, now().toISOString());
      const goesOn = typeof next !== "string";
      if (goesOn && (await replaceRun(table, run, next)) === "not written") {
        throw new DomainError("version_conflict", "The run went on meanwhile. Read it again.");
      }
      const askedAgain = await replayFailed({ table, now: now() }, run);
      if (!goesOn && askedAgain.length === 0) {
        throw refusal(`The run ${next}, and no mail or webhook that it still wants has failed.`, "invalid_state");
      }
      const shown = viewOfRun(goesOn ? next : run, await readOutcomes(table, run));
      return { status: 202, body: { ...shown, askedAgain } };
    },
  };
}

async function contactOf(
  table: Table,
  { contactId, email }: { readonly contactId?: string | undefined; readonly email?: string | undefined },
): Promise<string> {
  const address = email === undefined ? undefined : parseEmailAddress(email);
  const found = address === undefined ? contactId : await findByEmail(table, address.normalised);
  if (found !== undefined && (await getContact(table, found)) !== undefined) return found;
  throw new DomainError(
    "not_found",
    email === undefined ? `There is no contact ${contactId}.` : "Nobody has this address.",
  );
}

function refusal(message: string, code: string): DomainError {
  return new DomainError("invalid_input", message, { errors: [{ pointer: "", message, code }] });
}

function viewOfRun(run: Run, outcomes: readonly StepOutcome[]) {
  const { journeyVersion, contactId, entryKey, rotation, state, stepId, startedAt, variants } = run;
  const { dueAt = null, endedAt = null, endedBy = null } = run;
  const id = runIdOf(run);
  return {
    id,
    contactId,
    journeyVersion,
    entryKey,
    rotation,
    state,
    stepId,
    dueAt,
    startedAt,
    endedAt,
    endedBy,
    variants,
    log: withOutcomes(run, outcomes),
  };
}
