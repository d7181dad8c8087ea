import * as z from "zod";
import { UnknownMessageError } from "../mail/mailbox.ts";
import { ControlError, type ControlRequest, type ControlRoute, parse } from "./route.ts";

const quota = z.strictObject({
  maxSendRate: z.number().positive().optional(),
  daily: z.number().positive().optional(),
});
const click = z.strictObject({ link: z.string() });

const happenings = {
  open: ({ host: { mailbox } }, id) => mailbox.open(id),
  click: ({ host: { mailbox }, body }, id) => mailbox.click(id, parse(click, body).link),
  bounce: ({ host: { mailbox } }, id) => mailbox.bounce(id),
  complaint: ({ host: { mailbox } }, id) => mailbox.complaint(id),
  delay: ({ host: { mailbox } }, id) => mailbox.delay(id),
} satisfies Record<string, (request: ControlRequest, messageId: string) => Promise<boolean>>;

export const mailRoutes: readonly ControlRoute[] = [
  {
    method: "GET",
    path: "/mail",
    summary: "Every mail sent, oldest first: id, addresses, subject, headers, tags and the path of its .eml file.",
    handle: ({ host }) => host.mailbox.list(),
  },
  {
    method: "PUT",
    path: "/mail/quota",
    summary: "Sets SES's limits in recipients: `maxSendRate` a second and `daily`; what is left out is unlimited.",
    example: { maxSendRate: 14, daily: 50_000 },
    handle: ({ host, body }) => {
      const { maxSendRate, daily } = parse(quota, body);
      host.mailbox.quota.change({
        ...(maxSendRate !== undefined && { maxSendRate }),
        ...(daily !== undefined && { daily }),
      });
      return host.mailbox.quota.limits;
    },
  },
  {
    method: "GET",
    path: "/mail/{id}",
    summary: "A mail as it was sent, raw.",
    handle: async ({ host, parameters: { id = "" } }) => {
      const raw = await host.mailbox.raw(id);
      if (raw === undefined) throw unknownMail(id);
      return new Response(new Uint8Array(raw), { headers: { "content-type": "message/rfc822; charset=utf-8" } });
    },
  },
  ...Object.entries(happenings).map(
    ([name, happen]): ControlRoute => ({
      method: "POST",
      path: `/mail/{id}/${name}`,
      summary: `Publishes the ${name} of a mail as SES would; "published" is false when its configuration set asks for none.`,
      ...(name === "click" ? { example: { link: "https://example.com/" } } : {}),
      handle: async (request) => {
        const { id = "" } = request.parameters;
        try {
          return { published: await happen(request, id) };
        } catch (error) {
          throw error instanceof UnknownMessageError ? unknownMail(id) : error;
        }
      },
    }),
  ),
];

function unknownMail(id: string): ControlError {
  return new ControlError(404, `No mail has the id ${id}; GET /_local/mail lists them.`);
}
