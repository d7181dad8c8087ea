import addressparser from "nodemailer/lib/addressparser";

export interface MailHeader {
  readonly name: string;
  readonly value: string;
}

/** The headers that SES lists apart in its events, decoded. */
export interface CommonHeaders {
  readonly from: readonly string[];
  readonly to?: readonly string[];
  readonly cc?: readonly string[];
  readonly replyTo?: readonly string[];
  readonly date?: string;
  readonly messageId?: string;
  readonly subject?: string;
}

/** A message's headers in their order, unfolded. */
export function headersOf(raw: Buffer): readonly MailHeader[] {
  const text = raw.toString("utf8");
  const [head = ""] = text.split(/\r?\n\r?\n/, 1);
  return head
    .replace(/\r?\n[ \t]+/g, " ")
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(":");
      return colon > 0 ? [{ name: line.slice(0, colon), value: line.slice(colon + 1).trim() }] : [];
    });
}

export function headerOf(headers: readonly MailHeader[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find((header) => header.name.toLowerCase() === wanted)?.value;
}

export function commonHeadersOf(headers: readonly MailHeader[]): CommonHeaders {
  const list = (name: string) => {
    const value = headerOf(headers, name);
    return value === undefined ? undefined : addressparser(value, { flatten: true }).map(shown);
  };
  const [to, cc, replyTo] = [list("To"), list("Cc"), list("Reply-To")];
  const [date, messageId, subject] = [
    headerOf(headers, "Date"),
    headerOf(headers, "Message-ID"),
    headerOf(headers, "Subject"),
  ];
  return {
    from: list("From") ?? [],
    ...(to ? { to } : {}),
    ...(cc ? { cc } : {}),
    ...(replyTo ? { replyTo } : {}),
    ...(date === undefined ? {} : { date }),
    ...(messageId === undefined ? {} : { messageId }),
    ...(subject === undefined ? {} : { subject: decodeWords(subject) }),
  };
}

/** Bare addresses of an address header. */
export function addressesOf(value: string | undefined): readonly string[] {
  return addressparser(value ?? "", { flatten: true }).map(({ address }) => address);
}

/** Where a message goes that names no envelope of its own. */
export function recipientsOf(headers: readonly MailHeader[]): readonly string[] {
  return ["To", "Cc", "Bcc"].flatMap((name) => addressesOf(headerOf(headers, name)));
}

function shown({ name, address }: { readonly name: string; readonly address: string }): string {
  return name === "" ? address : `${decodeWords(name)} <${address}>`;
}

/** RFC 2047 encoded words; the space between two of them is not text. */
export function decodeWords(text: string): string {
  return text
    .replace(/(=\?[^?]+\?[QqBb]\?[^?]*\?=)\s+(?==\?)/g, "$1")
    .replace(
      /=\?([^?*]+)(?:\*[^?]*)?\?([QqBb])\?([^?]*)\?=/g,
      (word, charset: string, encoding: string, content: string) => {
        try {
          return new TextDecoder(charset).decode(
            encoding.toUpperCase() === "B" ? Buffer.from(content, "base64") : fromQ(content),
          );
        } catch {
          return word;
        }
      },
    );
}

function fromQ(content: string): Buffer {
  const binary = content
    .replace(/_/g, " ")
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(binary, "latin1");
}
