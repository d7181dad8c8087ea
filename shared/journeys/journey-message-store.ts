import { type AdvanceDependencies, wakeRun } from "./advance-run-store.ts";
import { dateHasCome } from "./date-store.ts";
import { endRuns } from "./end-runs-store.ts";
import { enrol } from "./enrol-store.ts";
import type { JourneyMessage } from "./journey-message.ts";
import type { WakeUp } from "./wake-up.ts";

/** Works off one message of the journeys queue; any number of times. @returns what was done, for the log. */
export function handleJourneyMessage(
  deps: AdvanceDependencies & { readonly sendLater: (wakeUp: WakeUp, at: Date) => Promise<void> },
  message: JourneyMessage,
): Promise<string> {
  if (!("type" in message)) return wakeRun(deps, message);
  switch (message.type) {
    case "date":
      return dateHasCome(deps, message);
    case "enrol":
      return enrol(deps, message);
    case "endRuns":
      return endRuns(deps, message);
  }
}
