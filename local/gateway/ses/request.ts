import MailComposer from "nodemailer/lib/mail-composer";
import { addressesOf, headerOf, headersOf, recipientsOf } from "../../mail/message.ts";

/** SES's v1 query protocol, understood: one message with its envelope. */
export interface SendRequest {
  readonly operation: "SendEmail" | "SendRawEmail";
  readonly raw: Buffer;
  readonly source: string;
  readonly destination: readonly string[];
  readonly configurationSet?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export async function sendRequest(operation: SendRequest["operation"], form: URLSearchParams): Promise<SendRequest> {
  const raw =
    operation === "SendRawEmail" ? Buffer.from(form.get("RawMessage.Data") ?? "", "base64") : await composed(form);
  const headers = headersOf(raw);
  const envelope = operation === "SendRawEmail" ? members(form, "Destinations") : destinations(form);
  const configurationSet = form.get("ConfigurationSetName") ?? headerOf(headers, "X-SES-CONFIGURATION-SET");
  return {
    operation,
    raw,
    source: form.get("Source") ?? headerOf(headers, "From") ?? "",
    destination: (envelope.length > 0 ? envelope : recipientsOf(headers)).flatMap(addressesOf),
    ...(configurationSet === undefined ? {} : { configurationSet }),
    tags: tagsOf(form),
  };
}

/** The bare address of the sender. */
export function senderAddress(request: Pick<SendRequest, "source">): string {
  return addressesOf(request.source)[0] ?? "";
}

function destinations(form: URLSearchParams): readonly string[] {
  return ["To", "Cc", "Bcc"].flatMap((kind) => members(form, `Destination.${kind}Addresses`));
}

function members(form: URLSearchParams, list: string): readonly string[] {
  return [...form].flatMap(([name, value]) => (name.startsWith(`${list}.member.`) ? [value] : []));
}

function tagsOf(form: URLSearchParams): Readonly<Record<string, string>> {
  const tags: Record<string, string> = {};
  for (let at = 1; ; at += 1) {
    const name = form.get(`Tags.member.${at}.Name`);
    if (name === null) return tags;
    tags[name] = form.get(`Tags.member.${at}.Value`) ?? "";
  }
}

function composed(form: URLSearchParams): Promise<Buffer> {
  const part = (name: string) => form.get(name) ?? undefined;
  const composer = new MailComposer({
    from: part("Source"),
    to: [...members(form, "Destination.ToAddresses")],
    cc: [...members(form, "Destination.CcAddresses")],
    replyTo: [...members(form, "ReplyToAddresses")],
    subject: part("Message.Subject.Data"),
    text: part("Message.Body.Text.Data"),
    html: part("Message.Body.Html.Data"),
  });
  return composer.compile().build();
}
