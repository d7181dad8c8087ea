import type { Due } from "../due/due.ts";
import { InnerAddress } from "../outbound/public-address.ts";
import { validSecrets } from "../secrets/exchange.ts";
import { type Call, CallRefused } from "./call.ts";
import type { Endpoint, EndpointSecrets } from "./endpoint.ts";
import { nextTry, signedCall, type WebhookMessage } from "./webhook.ts";

export interface DeliveryDependencies {
  readonly readEndpoint: (id: string) => Promise<Endpoint | undefined>;
  readonly readSecrets: (id: string) => Promise<EndpointSecrets | undefined>;
  readonly call: Call;
  /** Whether a contact has been erased: nothing is told of them any more. */
  readonly isErased: (contactId: string) => Promise<boolean>;
  readonly endpointGone: (endpoint: Endpoint) => Promise<void>;
  readonly putDue: (due: Due) => Promise<void>;
  /** Tells for good that a message did not arrive. */
  readonly failed: (message: WebhookMessage, reason: string) => Promise<void>;
  /** Tells that a message that had failed before has arrived. */
  readonly delivered: (message: WebhookMessage) => Promise<void>;
  readonly now: () => Date;
}

type Answer = { readonly kind: "taken" | "gone" } | { readonly kind: "busy" | "refused"; readonly reason: string };

/**
 * Makes one try of a message: taken, put off, or failed and told so. A message that comes twice may be sent twice, with
 * the same id. One about somebody who has been erased meanwhile is dropped.
 */
export async function deliverWebhook(
  deps: DeliveryDependencies,
  message: WebhookMessage,
): Promise<"delivered" | "put off" | "failed" | "erased"> {
  const fail = async (reason: string) => {
    await deps.failed(message, reason);
    return "failed" as const;
  };
  const contactId = message.about?.contactId;
  if (contactId !== undefined && (await deps.isErased(contactId))) return "erased";
  const endpoint = await deps.readEndpoint(message.endpointId);
  if (endpoint === undefined) return fail("no such endpoint");
  if (endpoint.state !== "enabled") return fail(`the endpoint is ${endpoint.state}`);
  const secrets = await deps.readSecrets(endpoint.id);
  if (secrets === undefined) return fail("the endpoint has no secret");
  const now = deps.now();
  const answer = await answerTo(deps.call, endpoint.url, signedCall(message, validSecrets(secrets, now), now));
  switch (answer.kind) {
    case "taken":
      if (message.replay !== undefined) await deps.delivered(message);
      return "delivered";
    case "gone":
      await deps.endpointGone(endpoint);
      return fail("answered 410: the endpoint is gone");
    case "refused":
      return fail(answer.reason);
    case "busy": {
      const at = nextTry(message.tries, deps.now());
      if (at === undefined) return fail(answer.reason);
      const tries = message.tries + 1;
      const due = { at, id: `webhook-${message.id}-${tries}`, queue: "webhooks", body: { ...message, tries } } as const;
      await deps.putDue({ ...due, ...(contactId !== undefined && { contactId }) });
      return "put off";
    }
  }
}

async function answerTo(call: Call, ...to: Parameters<Call>): Promise<Answer> {
  try {
    const status = await call(...to);
    if (status >= 200 && status < 300) return { kind: "taken" };
    if (status === 410) return { kind: "gone" };
    const busy = status === 408 || status === 429 || status >= 500;
    return { kind: busy ? "busy" : "refused", reason: `answered ${status}` };
  } catch (error) {
    if (error instanceof InnerAddress || error instanceof CallRefused) {
      return { kind: "refused", reason: "its address is not on the public network" };
    }
    return { kind: "busy", reason: "could not be reached, or took longer than 10 s" };
  }
}
