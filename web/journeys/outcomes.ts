const skips: Readonly<Record<string, string>> = {
  "too late": "Left out: too late",
  holdout: "Left out: holdout",
  "mail limit": "Left out: enough mails",
};

/** Why a step was skipped. */
export function skipWords(reason: string): string {
  return skips[reason] ?? `Left out: ${reason === "" ? "no reason given" : reason}`;
}

const endings: Readonly<Record<string, string>> = {
  completed: "Went to the end",
  goal: "Reached the goal",
  exit: "Left early",
  archived: "Ended with the journey",
  failed: "Failed",
  limit: "Refused: the journey was full",
};

/** How a run ended. */
export function endingWords(ending: string): string {
  return endings[ending] ?? ending;
}

const outcomes: Readonly<Record<string, string>> = {
  passed: "Went on",
  left: "Left the journey",
  failed: "Failed",
  unconfirmed: "Unconfirmed",
};

/** How a step was left, and why. */
export function outcomeWords(outcome: string | undefined, reason = ""): string {
  if (outcome === undefined) return "Waits";
  if (outcome === "skipped") return skipWords(reason);
  const words = outcomes[outcome] ?? outcome;
  return reason === "" ? words : `${words}: ${outcome === "left" ? endingWords(reason) : reason}`;
}
