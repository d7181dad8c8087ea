import { expect, test } from "vitest";
import { mailMessageSchema } from "../../../shared/email/mail-message.ts";
import { message } from "./world.ts";

const content = { subject: "Digest", html: "<p>", text: "text" };
const { templateId, ...bare } = message;

test.each([
  ["a contact and a template", message, true],
  ["staff and content", { ...bare, owner: { staff: { name: "Mia", email: "mia@example.com" } }, content }, true],
  ["only that it be closed", { ...bare, close: true }, true],
  ["neither template nor content", bare, false],
  ["what it is sent for", { ...message, campaign: { type: "broadcast", id: "spring" } }, true],
  ["a campaign of no kind", { ...message, campaign: { type: "flyer", id: "spring" } }, false],
  ["no owner", { ...message, owner: {} }, false],
  ["a contact id that would leave its partition", { ...message, owner: { contactId: "a#b" } }, false],
  ["a message key with a space", { ...message, messageKey: "a b" }, false],
  ["a message key that no tag can carry", { ...message, messageKey: "k".repeat(181) }, false],
  [
    "an image that is none",
    { ...bare, content: { ...content, images: [{ cid: "a", contentType: "text/html", base64: "AA==" }] } },
    false,
  ],
])("a request that names %s: %3$s", (_, request, accepted) => {
  expect(mailMessageSchema.safeParse(request).success).toBe(accepted);
});
