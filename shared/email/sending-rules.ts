import type { ConsentPolicy } from "../consent/policy.ts";
import type { SendingRules } from "./prepare.ts";

/** The account's rules as functions find them in their environment. */
interface SendingEnvironment {
  readonly TIME_ZONE: string;
  readonly QUIET_FROM: number;
  readonly QUIET_UNTIL: number;
  readonly CAP_MAILS: number;
  readonly CAP_DAYS: number;
  readonly CAP_GAP_HOURS: number;
  readonly CONSENT_POLICY: ConsentPolicy;
}

/** When and how often marketing may reach a contact, by the environment. */
export function sendingRulesOf(environment: SendingEnvironment): SendingRules {
  const { TIME_ZONE, QUIET_FROM, QUIET_UNTIL, CAP_MAILS, CAP_DAYS, CAP_GAP_HOURS, CONSENT_POLICY } = environment;
  return {
    timeZone: TIME_ZONE,
    quietHours: { from: QUIET_FROM, until: QUIET_UNTIL },
    consentPolicy: CONSENT_POLICY,
    cap: { mails: CAP_MAILS, days: CAP_DAYS, gapHours: CAP_GAP_HOURS },
  };
}
