import { getContact } from "../contacts/contact-store.ts";
import { addressHash, parseEmailAddress } from "../contacts/email-address.ts";
import { findByEmail } from "../contacts/identity-store.ts";
import { DomainError } from "../errors.ts";
import { createEvent } from "../events/event.ts";
import { putEvent } from "../events/event-store.ts";
import type { Handlers } from "../http/router.ts";
import type { mailRoutes } from "../http/routes/mail.ts";
import type { Table } from "../table/client.ts";
import { guardVerdict, guardWarnings } from "./guard.ts";
import { readSending, reopenSending } from "./rate-store.ts";
import { suppressionRemoved } from "./suppression.ts";
import { listSuppressions, readSuppression, removeSuppression } from "./suppression-store.ts";

/** The staff API's handlers of suppressions and of the sending guard. */
export function mailHandlers({
  table,
  now,
}: {
  readonly table: Table;
  readonly now: () => Date;
}): Handlers<typeof mailRoutes> {
  async function sending() {
    const { rate, guard } = await readSending(table);
    const mails = rate?.days ?? {};
    const dates = [...new Set([...Object.keys(mails), ...Object.keys(guard?.days ?? {})])].sort().reverse();
    const days = dates.map((date) => {
      const { bounces = 0, complaints = 0 } = guard?.days[date] ?? {};
      return { date, mails: mails[date] ?? 0, bounces, complaints };
    });
    return {
      status: 200,
      body: { marketing: guardVerdict(guard, mails), warnings: guardWarnings(guard, mails), days },
    };
  }

  return {
    async getSuppression({ params }) {
      const email = normalised(params.email);
      const found = await readSuppression(table, addressHash(email));
      const body = {
        email,
        suppressed: found !== undefined,
        reason: found?.reason ?? null,
        at: found?.at ?? null,
      };
      return { status: 200, body };
    },

    async listSuppressions({ query }) {
      const { items, nextCursor } = await listSuppressions(table, query);
      const shown = items.map(async ({ reason, at, contactId = null }) => {
        const contact = contactId === null ? undefined : await getContact(table, contactId);
        return { email: contact?.email?.value ?? null, contactId, reason, at };
      });
      return { status: 200, body: { items: await Promise.all(shown), nextCursor: nextCursor ?? null } };
    },

    async deleteSuppression({ params, caller, correlationId }) {
      const email = normalised(params.email);
      const contactId = await findByEmail(table, email);
      const at = now().toISOString();
      if (!(await removeSuppression(table, addressHash(email)))) {
        throw new DomainError("not_found", "This address is not suppressed.");
      }
      if (contactId !== undefined) {
        const properties = { by: caller?.username ?? "", addressHash: addressHash(email) };
        const facts = { contactId, occurredAt: at, receivedAt: at, source: "staff", properties };
        await putEvent(
          table,
          createEvent({ ...facts, name: suppressionRemoved, origin: ["suppression", correlationId] }),
        );
      }
      return { status: 200, body: { email, suppressed: false, reason: null, at: null } };
    },

    getSending: sending,

    async resumeSending() {
      await reopenSending(table, now());
      return sending();
    },
  };
}

function normalised(given: string): string {
  const parsed = parseEmailAddress(safelyDecoded(given));
  if (parsed !== undefined) return parsed.normalised;
  throw new DomainError("invalid_input", "This is not an e-mail address.", {
    errors: [{ pointer: "/path/email", message: "not an e-mail address", code: "invalid_email" }],
  });
}

/** API Gateway hands path parameters decoded or not, by how the caller wrote them. */
function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
