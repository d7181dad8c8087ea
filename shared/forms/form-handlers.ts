import { requireTopics, type Topic } from "../consent/topics.ts";
import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { formRoutes } from "../http/routes/forms.ts";
import type { Table } from "../table/client.ts";
import { getForm, putForm } from "./form-store.ts";

/** The staff API's handlers of forms. The door may answer by the old definition for a minute after a change. */
export function formHandlers({
  table,
  topics,
}: {
  readonly table: Table;
  /** What a marketing box may be about. */
  readonly topics: readonly Topic[];
}): Handlers<typeof formRoutes> {
  return {
    async getForm({ params }) {
      const form = await getForm(table, params.id, { consistent: true });
      if (form === undefined) throw new DomainError("not_found", `There is no form ${params.id}.`);
      return { status: 200, body: form, headers: { etag: `"${form.version}"` } };
    },

    async putForm({ params, body, headers }) {
      const expected = expectedVersion(headers["if-match"]);
      requireTopics(topics, body.marketing?.topics ?? [], "/marketing/topics");
      const form = await putForm(table, params.id, body, expected);
      return { status: expected === undefined ? 201 : 200, body: form, headers: { etag: `"${form.version}"` } };
    },
  };
}
