import type { MailQueue } from "../email/mail-queue.ts";
import type { Stage } from "../stream/stage.ts";
import type { Table } from "../table/client.ts";
import { reviewSchema } from "./review.ts";
import { reviewOpenedMail } from "./review-mail.ts";
import { readGathered } from "./review-store.ts";

/** Tells the managers, once, that a review is open, and how its period went. */
export function reviewOpenedStage({ table, sendMail }: { readonly table: Table; readonly sendMail: MailQueue }): Stage {
  return {
    name: "review-opened",
    kind: "review",
    wants: ({ previous }) => previous === undefined,
    async run({ item }) {
      const review = reviewSchema.parse(item);
      const gathered = await readGathered(table, review.id);
      if (gathered === undefined) throw new Error("the figures of the review are not there yet");
      const content = reviewOpenedMail(review, gathered);
      for (const staff of review.recipients) {
        await sendMail({ owner: { staff }, messageKey: `review-${review.id}`, content, correlationId: review.id });
      }
    },
  };
}
