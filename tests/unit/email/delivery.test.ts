import { describe, expect, test } from "vitest";
import { deliver } from "../../../shared/email/delivery.ts";
import { hours, message, minutes, plus, world } from "./world.ts";

const acknowledgement = { ...message, messageKey: "ack:1", templateId: "form-acknowledgement" };

describe("a delivery", () => {
  test("sends once, whatever the number of requests", async () => {
    const { deps, calls, ledger } = world();
    expect(await deliver(deps, message)).toBe("sent");
    expect(await deliver(deps, message)).toBe("sent");
    expect(calls).toEqual(["ann@example.com"]);
    expect(ledger.entry()).toMatchObject({ state: "SENT", sesMessageId: "ses-1", template: "welcome@1", version: 2 });
  });

  test("gives a request back while another worker holds the lease", async () => {
    const { deps, calls } = world();
    const during = await new Promise((resolve) => {
      const send: typeof deps.send = async (mail) => {
        resolve(await deliver(deps, message));
        return deps.send(mail);
      };
      void deliver({ ...deps, send }, message);
    });
    expect(during).toBe("put back");
    expect(calls).toHaveLength(1);
  });

  test("yields to the worker that took the lease while it prepared", async () => {
    const { deps, calls } = world();
    const compose: typeof deps.compose = async (occasion) => {
      await deliver(deps, message);
      return deps.compose(occasion);
    };
    expect(await deliver({ ...deps, compose }, message)).toBe("sent");
    expect(calls).toHaveLength(1);
  });

  test("reads no consent for a mail that consent does not concern", async () => {
    const { deps } = world();
    const readConsent = () => Promise.reject(new Error("read"));
    expect(await deliver({ ...deps, readConsent }, acknowledgement)).toBe("sent");
  });

  test.each([
    ["suppressed", { readSuppression: async () => ({ reason: "bounce", at: "", eventId: "" }) as const }],
    ["no consent", { readConsent: async () => undefined }],
    ["contact gone", { readRecipient: async () => "no address" as const }],
  ])("is skipped, with one write, when the reason is: %s", async (reason, change) => {
    const { deps, calls, ledger } = world();
    expect(await deliver({ ...deps, ...change }, message)).toBe("not sent");
    expect(calls).toEqual([]);
    expect(ledger.entry()).toMatchObject({ state: "SKIPPED", reason, version: 1 });
  });

  test("waits for a profile that is still on its way, ever more patiently, and gives up after three days", async () => {
    const { deps, dues, ledger, clock } = world();
    const start = clock.now;
    const absent = { ...deps, readRecipient: async () => "absent" as const };
    const pauses: readonly (readonly [age: number, pause: number])[] = [
      [0, minutes(1)],
      [minutes(24), minutes(24)],
      [hours(50), hours(1)],
    ];
    for (const [age, pause] of pauses) {
      clock.now = plus(start, age);
      await deliver(absent, message);
      expect(dues.at(-1)).toMatchObject({ at: plus(clock.now, pause), queue: "mail", body: message });
      expect(ledger.entry()).toBeUndefined();
    }
    clock.now = plus(start, hours(72));
    await deliver(absent, message);
    expect(ledger.entry()).toMatchObject({ state: "SKIPPED", reason: "contact gone" });
  });

  test("a rate of SES makes it a due item, and an early repetition only renews that", async () => {
    const { deps, dues, calls, clock, ledger } = world();
    const throttled = {
      ...deps,
      send: async () => ({ kind: "refused", retry: "later", reason: "Throttling" }) as const,
    };
    expect(await deliver(throttled, message)).toBe("not sent");
    expect(await deliver(throttled, message)).toBe("not sent");
    expect(ledger.entry()).toMatchObject({ state: "CLAIMED", attempt: 1 });
    expect(dues).toHaveLength(2);
    expect(dues[0]).toEqual(dues[1]);
    clock.now = dues[0]?.at ?? clock.now;
    expect(await deliver(deps, message)).toBe("sent");
    expect(calls).toHaveLength(1);
  });

  test("a request too large for the table waits in the queue", async () => {
    const { deps, dues } = world();
    const throttled = {
      ...deps,
      send: async () => ({ kind: "refused", retry: "later", reason: "Throttling" }) as const,
    };
    const content = {
      subject: "Digest",
      html: "<p>",
      text: "t",
      images: [{ cid: "a", contentType: "image/png", base64: "A".repeat(320_000) }],
    };
    const { templateId, ...rest } = message;
    expect(await deliver(throttled, { ...rest, content })).toBe("put back");
    expect(dues).toEqual([]);
  });

  test("what cannot be rendered throws before anything is written, so that it waits for a remedy", async () => {
    const { deps, ledger, calls } = world();
    const compose = () => Promise.reject(new Error("undefined variable"));
    await expect(deliver({ ...deps, compose }, message)).rejects.toThrow("undefined variable");
    await expect(deliver(deps, { ...message, templateId: "none" })).rejects.toThrow("none");
    expect(ledger.entry()).toBeUndefined();
    expect(calls).toEqual([]);
  });
});

describe("a mail of unknown fate", () => {
  const lost = async () => ({ kind: "unknown", reason: "TimeoutError" }) as const;
  const closing = {
    owner: message.owner,
    messageKey: "ack:1",
    correlationId: "c",
    requestedAt: message.requestedAt,
    close: true,
  } as const;

  test("marketing is not sent again, and closed after 24 hours", async () => {
    const { deps, calls, clock, ledger } = world();
    await deliver({ ...deps, send: lost }, message);
    await deliver(deps, message);
    expect(ledger.entry()?.state).toBe("UNKNOWN");
    clock.now = plus(clock.now, hours(24));
    await deliver(deps, { ...message, close: true });
    expect(ledger.entry()).toMatchObject({ state: "UNCONFIRMED" });
    expect(calls).toEqual([]);
  });

  test("transactional is sent again once, from what the ledger holds", async () => {
    const { deps, calls, clock, ledger } = world();
    await deliver({ ...deps, send: lost }, acknowledgement);
    clock.now = plus(clock.now, hours(24));
    expect(await deliver(deps, closing)).toBe("sent");
    expect(calls).toHaveLength(1);
    expect(ledger.entry()).toMatchObject({ state: "SENT", resends: 1, attempt: 2 });
  });

  test("transactional whose second sending is lost too is closed", async () => {
    const { deps, clock, ledger } = world();
    for (let day = 0; day < 3; day++) {
      await deliver({ ...deps, send: lost }, day === 0 ? acknowledgement : closing);
      clock.now = plus(clock.now, hours(24));
    }
    expect(ledger.entry()).toMatchObject({ state: "UNCONFIRMED", attempt: 2 });
  });

  test("prepared content, which the ledger does not hold, is closed", async () => {
    const { deps, calls, clock, ledger } = world();
    const { templateId, ...rest } = acknowledgement;
    await deliver({ ...deps, send: lost }, { ...rest, content: { subject: "D", html: "<p>", text: "t", images: [] } });
    clock.now = plus(clock.now, hours(24));
    await deliver(deps, closing);
    expect(ledger.entry()).toMatchObject({ state: "UNCONFIRMED", template: "prepared" });
    expect(calls).toEqual([]);
  });

  test("closing what the ledger does not know sends nothing", async () => {
    const { deps, calls, ledger } = world();
    expect(await deliver(deps, { ...closing, templateId: "form-acknowledgement" })).toBe("not sent");
    expect(ledger.entry()).toBeUndefined();
    expect(calls).toEqual([]);
  });
});
