import { mailUnknown } from "../runtime/metric-names.ts";
import type { Stage } from "../stream/stage.ts";

/** Counts the mails of which nobody knows whether they were sent; an alarm watches the count. */
export function unknownStage({ count }: { readonly count: (metric: string) => void }): Stage {
  return {
    name: "mail-unknown",
    kind: "message",
    wants: ({ item, previous }) => item.state === "UNKNOWN" && previous?.state !== "UNKNOWN",
    async run() {
      count(mailUnknown);
    },
  };
}
