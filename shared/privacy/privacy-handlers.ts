import { isErased } from "../contacts/contact-store.ts";
import { DomainError } from "../errors.ts";
import { expectedVersion } from "../http/if-match.ts";
import type { Handlers } from "../http/router.ts";
import type { privacyRoutes } from "../http/routes/privacy.ts";
import type { Table } from "../table/client.ts";
import { viewOfErasure } from "./erasure.ts";
import { beginErasure, listErasures, listLateFacts, readErasure } from "./erasure-store.ts";
import { exportOf } from "./export.ts";
import { readExport } from "./export-store.ts";
import { answered, viewOfPrivacyRequest } from "./privacy-request.ts";
import { listPrivacyRequests, putPrivacyRequest, readPrivacyRequest } from "./privacy-request-store.ts";

export interface PrivacyDependencies {
  readonly table: Table;
  readonly now: () => Date;
}

/** The staff API's handlers of erasures and exports. */
export function privacyHandlers({ table, now }: PrivacyDependencies): Handlers<typeof privacyRoutes> {
  return {
    async eraseContact({ params: { id: contactId }, query: { reason }, headers, caller }) {
      const earlier = await readErasure(table, contactId);
      if (earlier !== undefined) return { status: 202, body: viewOfErasure(earlier) };
      const expected = requireVersion(headers["if-match"]);
      const request = { contactId, reason, requestedBy: caller?.username ?? "unknown", at: now() };
      const begun = await beginErasure(table, request, expected);
      if ("begun" in begun) return { status: 202, body: viewOfErasure(begun.begun) };
      if (begun.refused === "no such contact") {
        throw new DomainError("not_found", `There is no contact ${contactId}.`);
      }
      const change = `is now at version ${begun.version}; yours was ${expected}`;
      throw new DomainError(
        "version_conflict",
        `The contact ${contactId} ${change}. Read it again, and erase it if it still is whom you mean.`,
      );
    },

    async exportContact({ params: { id: contactId }, query: { cursor } }) {
      if (await isErased(table, contactId)) {
        throw new DomainError("not_found", `The contact ${contactId} has been erased: nothing is held.`);
      }
      const { items, nextCursor = null } = await readExport(table, contactId, { cursor });
      if (items.length === 0 && cursor === undefined) {
        throw new DomainError("not_found", `There is no contact ${contactId}.`);
      }
      const about = { contactId, exportedAt: now().toISOString(), nextCursor };
      return { status: 200, body: exportOf(items, about), headers: { "cache-control": "no-store" } };
    },

    async listErasures({ query }) {
      const { items, nextCursor = null } = await listErasures(table, query);
      return { status: 200, body: { items: items.map(viewOfErasure), nextCursor } };
    },

    async getErasure({ params: { id: contactId } }) {
      const erasure = await readErasure(table, contactId);
      if (erasure === undefined) throw new DomainError("not_found", `The contact ${contactId} has not been erased.`);
      return { status: 200, body: { ...viewOfErasure(erasure), late: await listLateFacts(table, contactId) } };
    },

    async listPrivacyRequests({ query }) {
      const { items, nextCursor = null } = await listPrivacyRequests(table, query);
      return { status: 200, body: { items: items.map(viewOfPrivacyRequest), nextCursor } };
    },

    async patchPrivacyRequest({ params: { id }, body: { state }, caller }) {
      const request = await readPrivacyRequest(table, id);
      if (request?.type !== "access") {
        throw new DomainError(
          "not_found",
          `There is no request for access ${id}: only those are answered by somebody.`,
        );
      }
      if (request.state === state) return { status: 200, body: viewOfPrivacyRequest(request) };
      const next = answered(request, state === "done" ? (caller?.username ?? "unknown") : undefined, now());
      if (await putPrivacyRequest(table, next)) return { status: 200, body: viewOfPrivacyRequest(next) };
      throw new DomainError("version_conflict", "The request was changed meanwhile. Read it again.");
    },
  };
}

/** @throws DomainError invalid_input without a version: nobody is erased whom the caller has not looked at. */
function requireVersion(header: string | undefined): number {
  const version = expectedVersion(header);
  if (version !== undefined) return version;
  throw new DomainError("invalid_input", 'Send If-Match with the version of the contact, such as If-Match: "3".', {
    errors: [{ pointer: "/headers/if-match", message: "is missing", code: "required" }],
  });
}
