import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DatedMessage, type DeliveryDeps, deliver } from "../../../shared/email/delivery.ts";
import { recordFeedback } from "../../../shared/email/feedback.ts";
import type { SendOutcome } from "../../../shared/email/ledger.ts";
import { mailMessageSchema } from "../../../shared/email/mail-message.ts";
import { tagsOf } from "../../../shared/email/ses-tags.ts";
import { hours, minutes, message as welcomeMessage, world } from "./world.ts";

class Crash extends Error {}

/** What one call of SES really does, and what its caller learns. */
interface SesMove {
  readonly accepts: boolean;
  readonly answer: "true" | "lost" | "soon" | "later" | "never";
}

const sesMove: fc.Arbitrary<SesMove> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ accepts: true, answer: "true" } as const) },
  fc.record({ accepts: fc.boolean(), answer: fc.constant("lost" as const) }),
  fc.record({ accepts: fc.constant(false), answer: fc.constantFrom("soon", "later", "never") }),
);
const crashAt = fc.constantFrom("none", "none", "none", "none", "before", "after");

const history = fc.record({
  ses: fc.array(sesMove, { maxLength: 8 }),
  crashes: fc.array(crashAt, { maxLength: 40 }),
  copies: fc.integer({ min: 1, max: 3 }),
  /** In which round the events of SES arrive; most never do. */
  eventRounds: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 2 }),
  pauses: fc.array(fc.constantFrom(minutes(0.1), minutes(2), minutes(6), hours(1), hours(25)), { maxLength: 30 }),
});

interface Queued {
  readonly message: DatedMessage;
  readonly visibleAt: number;
}

/** Two workers, a queue that repeats, a sweep, a stream stage, and SES, by an arbitrary script. */
async function simulate(
  base: DatedMessage,
  script: typeof history extends fc.Arbitrary<infer T> ? T : never,
  s: fc.Scheduler,
) {
  const { clock, ledger, dues, deps: calm } = world();
  const moves = [...script.ses];
  const crashes = [...script.crashes];
  const calls: SesMove[] = [];
  let queue: Queued[] = Array.from({ length: script.copies }, () => ({ message: base, visibleAt: 0 }));

  /** Every dependency runs when the scheduler says so, and the process may die right before or after it. */
  function shaken<Args extends unknown[], Result>(name: string, work: (...args: Args) => Promise<Result>) {
    return async (...args: Args): Promise<Result> => {
      const crash = crashes.shift() ?? "none";
      await s.schedule(Promise.resolve(), name);
      if (crash === "before") throw new Crash(name);
      const result = await work(...args);
      if (crash === "after") throw new Crash(name);
      return result;
    };
  }

  const send = async (): Promise<SendOutcome> => {
    const move = moves.shift() ?? { accepts: true, answer: "true" };
    calls.push(move);
    if (move.answer === "true") return { kind: "sent", sesMessageId: `ses-${calls.length}` };
    if (move.answer === "lost") return { kind: "unknown", reason: "time-out" };
    return { kind: "refused", retry: move.answer, reason: "refused" };
  };
  const write: DeliveryDeps["ledger"]["write"] = async (entry) => {
    const written = await ledger.write(entry);
    // The stream stage: it follows from the write itself, whatever becomes of the writer.
    if (written === "written" && entry.state === "UNKNOWN") {
      const { unknownAt = "" } = entry;
      const closing: DatedMessage = {
        owner: base.owner,
        messageKey: base.messageKey,
        correlationId: "c",
        requestedAt: base.requestedAt,
        ...entry.again,
        close: true,
      };
      dues.push({ at: new Date(Date.parse(unknownAt) + hours(24)), id: "close", queue: "mail", body: closing });
    }
    return written;
  };
  const deps: DeliveryDeps = {
    ...calm,
    ledger: { read: shaken("read", ledger.read), write: shaken("write", write) },
    readRecipient: shaken("recipient", calm.readRecipient),
    readConsent: shaken("consent", calm.readConsent),
    readSuppression: shaken("suppression", calm.readSuppression),
    compose: shaken("compose", calm.compose),
    send: shaken("ses", send),
    putDue: shaken("due", calm.putDue),
  };

  async function work({ message }: Queued): Promise<void> {
    const result = await deliver(deps, message).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
      return "put back";
    });
    if (result === "put back") queue.push({ message, visibleAt: clock.now.getTime() + minutes(6) });
  }

  async function sesTells(): Promise<void> {
    if (!calls.some(({ accepts }) => accepts)) return;
    const key = { pk: "CONTACT#c1", sk: `MESSAGE#${base.messageKey}` };
    const tags = Object.fromEntries(Object.entries(tagsOf(key)).map(([name, value]) => [name, [value]]));
    const fact = { type: "delivery", sesMessageId: "ses-event", tags, sentAt: clock.now, at: clock.now } as const;
    await recordFeedback(
      {
        ledger: { read: ledger.read, write },
        putEvent: async () => "written",
        isErased: async () => false,
        now: () => clock.now,
      },
      fact,
    );
  }

  for (let round = 0; round < 200 && (queue.length > 0 || dues.length > 0); round++) {
    const now = clock.now.getTime();
    for (const due of dues.filter(({ at }) => at.getTime() <= now)) {
      queue.push({ message: { ...mailMessageSchema.parse(due.body), requestedAt: base.requestedAt }, visibleAt: 0 });
    }
    dues.splice(0, dues.length, ...dues.filter(({ at }) => at.getTime() > now));
    const visible = queue.filter(({ visibleAt }) => visibleAt <= now).slice(0, 2);
    queue = queue.filter((queued) => !visible.includes(queued));
    const events = script.eventRounds.includes(round) ? [sesTells()] : [];
    await s.waitFor(Promise.all([...visible.map(work), ...events]));
    clock.now = new Date(now + (script.pauses[round] ?? hours(1)));
  }
  return { entry: ledger.entry(), calls, left: queue.length + dues.length };
}

describe("a mail under crashes, repetitions and two workers", () => {
  test("marketing: no call of SES follows one that may have sent it, and it ends in a final state", async () => {
    await fc.assert(
      fc.asyncProperty(history, fc.scheduler(), async (script, s) => {
        const { entry, calls, left } = await simulate(welcomeMessage, script, s);

        const mayHaveSent = calls.findIndex(({ answer }) => answer === "true" || answer === "lost");
        expect(mayHaveSent === -1 || mayHaveSent === calls.length - 1).toBe(true);
        expect(calls.filter(({ accepts }) => accepts).length).toBeLessThanOrEqual(1);
        expect(left).toBe(0);
        expect(["SENT", "SKIPPED", "UNCONFIRMED", "FAILED"]).toContain(entry?.state);
        if (entry?.state === "SENT") expect(calls.some(({ accepts }) => accepts)).toBe(true);
      }),
      { numRuns: 600 },
    );
  });

  test("transactional: SES takes it at most twice, and only when the first call's fate was unknown", async () => {
    const acknowledgement = { ...welcomeMessage, templateId: "form-acknowledgement", messageKey: "ack:1" };
    await fc.assert(
      fc.asyncProperty(history, fc.scheduler(), async (script, s) => {
        const { entry, calls, left } = await simulate(acknowledgement, script, s);

        expect(calls.filter(({ accepts }) => accepts).length).toBeLessThanOrEqual(2);
        expect(calls.filter(({ answer }) => answer === "true" || answer === "lost").length).toBeLessThanOrEqual(2);
        expect(left).toBe(0);
        expect(["SENT", "SKIPPED", "UNCONFIRMED", "FAILED"]).toContain(entry?.state);
      }),
      { numRuns: 400 },
    );
  });

  test("without crashes and lost answers, a mail that SES does not refuse for ever is sent exactly once", async () => {
    const calmMove = fc.oneof(
      fc.constant({ accepts: true, answer: "true" } as const),
      fc.constant({ accepts: false, answer: "later" } as const),
    );
    const calm = history.map((script) => ({ ...script, crashes: [], pauses: [], eventRounds: [] }));
    await fc.assert(
      fc.asyncProperty(calm, fc.array(calmMove, { maxLength: 4 }), fc.scheduler(), async (script, ses, s) => {
        const { entry, calls } = await simulate(welcomeMessage, { ...script, ses }, s);

        expect(entry?.state).toBe("SENT");
        expect(calls.filter(({ accepts }) => accepts).length).toBe(1);
      }),
      { numRuns: 200 },
    );
  });
});
