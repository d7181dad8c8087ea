import type { ConsentFacts } from "../consent/consent.ts";
import { type Cap, claimSlot, limitsFor } from "../email/cap.ts";
import { maySend, tooOldAfter, type Verdict } from "../email/may-send.ts";
import { cappedTemplate, type SendingRules } from "../email/prepare.ts";
import { allowedAt } from "../email/quiet-hours.ts";
import type { Recipient } from "../email/recipient.ts";
import type { Suppression } from "../email/suppression.ts";
import type { Template } from "../email/templates/template.ts";
import type { Simulated } from "./simulate.ts";

/** What decides whether mail may go to a contact, as it stands now. */
export interface Reach {
  readonly recipient: Recipient;
  readonly suppression: Suppression | undefined;
  readonly consent: ConsentFacts | undefined;
  readonly cap: Cap | undefined;
}

export interface ForeseenMail {
  /** Why it would not be sent; null when it would. */
  readonly skipped: string | null;
  /** When it would go out at the earliest, if that is later than it is asked for; else null. */
  readonly notBefore: string | null;
}

/** Whether a mail goes, does not, or waits. */
type Outcome =
  | { readonly send: true }
  | { readonly send: false; readonly reason: string }
  | { readonly send: "later"; readonly at: Date };

type SimulatedMail = Simulated["mails"][number] & { readonly template: Template };

/**
 * What would become of a simulation's mails, by the checks of a real sending: consent, suppression, the run's exit, quiet
 * hours and the cap, which the mails fill as they go. Pure.
 *
 * @param mails those that can be rendered, in the order in which they are asked for
 * @param reach of an example none is known: it may get marketing, and got none lately
 */
export function foresee(
  mails: readonly SimulatedMail[],
  {
    reach,
    rules,
    ending: { endedAt, endedBy },
  }: {
    readonly reach: Reach | undefined;
    readonly rules: SendingRules;
    readonly ending: Pick<Simulated, "endedAt" | "endedBy">;
  },
): readonly ForeseenMail[] {
  const leftAt = endedAt !== null && (endedBy === "goal" || endedBy === "exit") ? Date.parse(endedAt) : undefined;
  const timeZone = reach?.recipient.timeZone ?? rules.timeZone;
  const limits = limitsFor(rules.cap, reach?.consent?.frequency?.value);
  let cap = reach?.cap;

  function outcomeAt({ template, at, notAfter }: SimulatedMail, key: string, now: Date): Outcome {
    const gate = leftAt !== undefined && leftAt <= now.getTime() ? "exited" : "open";
    const tooOld = tooOldAfter(template.stream, new Date(at), notAfter);
    const verdict = reach === undefined ? exampleVerdict(gate) : verdictFor(reach, template, { gate, tooOld, now });
    if (verdict.send !== true || cappedTemplate({ template, data: {} }) === undefined) return verdict;
    const allowed = allowedAt(now, timeZone, rules.quietHours);
    if (allowed > tooOld) return { send: false, reason: "too old" };
    const { priority = "broadcast" } = template;
    const claimed = claimSlot(cap, { key, priority, until: tooOld, notBefore: allowed, now, limits });
    cap = claimed.cap ?? cap;
    if (claimed.verdict === "never") return { send: false, reason: "frequency cap" };
    return claimed.verdict === "granted" ? { send: true } : { send: "later", at: claimed.verdict.at };
  }

  function verdictFor(
    { recipient, suppression, consent }: Reach,
    { stream, topic, asksForConsent }: Template,
    { gate, tooOld, now }: { readonly gate: "open" | "exited"; readonly tooOld: Date; readonly now: Date },
  ): Verdict {
    const { relation } = recipient;
    const known = { erased: false, reachable: true, suppression, consent, policy: rules.consentPolicy, relation };
    return maySend({ stream, topic, asksForConsent, ...known, gate, notAfter: tooOld, now });
  }

  return mails.map((mail, index) => {
    let now = new Date(mail.at);
    for (;;) {
      const outcome = outcomeAt(mail, `simulated-${index}`, now);
      if (outcome.send === false) return { skipped: outcome.reason, notBefore: null };
      if (outcome.send === true)
        return { skipped: null, notBefore: now > new Date(mail.at) ? now.toISOString() : null };
      now = outcome.at;
    }
  });
}

function exampleVerdict(gate: "open" | "exited"): Verdict {
  return gate === "open" ? { send: true } : { send: false, reason: "exited" };
}
