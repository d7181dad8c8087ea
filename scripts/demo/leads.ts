/** A request to a form and what should come of it. */
export interface DemoLead {
  readonly label: string;
  readonly path: string;
  readonly init: { readonly method: string; readonly headers: Record<string, string>; readonly body: string };
  /** The normalised address of the person that this makes or meets; undefined when nothing may be stored. */
  readonly person: string | undefined;
  readonly marketing: boolean;
  /** The status that is right. */
  readonly status: number;
  /** What a refusal is called in the report. */
  readonly refusal?: string;
  /** A second posting of an earlier submission: accepted, and no new fact. */
  readonly repeat?: boolean;
}

const firstNames = [
  "Ada",
  "Björn",
  "Chloé",
  "Dmitri",
  "Elif",
  "Fatima",
  "Grace",
  "Hiro",
  "Inês",
  "Jürgen",
  "Kofi",
  "李",
];
const lastNames = ["O'Brien", "García", "Smith-Jones", "Nguyễn", "Müller", "van der Berg", "Okafor", "Sato"];
const sources = ["newsletter", "search", "fair-2026", "partner"];

/** 200 requests, the same each time: JSON, both kinds of HTML form posts, people who come twice, and hostile ones. */
export function demoLeads(formId: string): readonly DemoLead[] {
  const path = `/v1/forms/${formId}/submissions`;
  const good = Array.from({ length: 150 }, (_, index) => goodLead(path, index));
  const again = Array.from({ length: 20 }, (_, index) => returning(path, index * 5));
  const repeats = good.slice(0, 10).map((lead) => ({ ...lead, label: "the same post again", repeat: true }));
  return [...good, ...again, ...repeats, ...hostile(path)];
}

function goodLead(path: string, index: number): DemoLead {
  const values = personOf(index);
  const marketing = index % 3 !== 2;
  const common = { path, person: values.email.toLowerCase(), marketing, status: 202 };
  const key = { "idempotency-key": `demo-lead-${String(index).padStart(12, "0")}` };
  if (index % 5 === 3)
    return {
      ...common,
      ...htmlStatus,
      label: "HTML form post",
      init: urlencoded({ ...values, ...tick(marketing) }, key),
    };
  if (index % 5 === 4)
    return {
      ...common,
      ...htmlStatus,
      label: "multipart form post",
      init: multipart({ ...values, ...tick(marketing) }, key),
    };
  const page = {
    url: `https://shop.example/?utm_source=${sources[index % sources.length]}`,
    utm_source: sources[index % sources.length],
  };
  return { ...common, label: "JSON post", init: json({ ...values, marketing, page }, key) };
}

/** Someone who is known already writes again, in another spelling of the address. */
function returning(path: string, index: number): DemoLead {
  const { email } = personOf(index);
  const body = { email: ` ${email.toUpperCase()} `.trim(), message: `Me again (${index})` };
  return {
    label: "someone known writes again",
    path,
    person: email.toLowerCase(),
    marketing: false,
    status: 202,
    init: json(body),
  };
}

function hostile(path: string): readonly DemoLead[] {
  const refused = (label: string, status: number, init: DemoLead["init"], at = path): DemoLead => ({
    label,
    path: at,
    person: undefined,
    marketing: false,
    status,
    refusal: label,
    init,
  });
  const email = "eve@example.net";
  const deep = `{"email":"${email}","page":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
  return [
    refused("malformed JSON", 400, raw("application/json", '{"email":')),
    refused("JSON 10,000 levels deep", 400, raw("application/json", deep)),
    refused("a prototype key", 400, raw("application/json", `{"email":"${email}","__proto__":{"admin":true}}`)),
    refused("an unsupported media type", 415, raw("text/csv", "email\neve@example.net")),
    refused("a body over 64 KB", 413, json({ email, message: "x".repeat(70_000) })),
    refused("an unknown form", 404, json({ email }), "/v1/forms/nowhere/submissions"),
    refused("no e-mail", 422, json({ firstName: "Eve" })),
    refused("an e-mail that is none", 422, json({ email: "eve@" })),
    refused("a header injected into the e-mail", 422, json({ email: "eve@example.net\r\nBcc: all@example.net" })),
    refused("a header injected into a name", 422, json({ email, firstName: "Eve\r\nBcc: all@example.net" })),
    refused("a control character", 422, json({ email, lastName: "\u0000Eve" })),
    refused("a field the form does not have", 422, json({ email, admin: "true" })),
    refused("a name too long", 422, json({ email, firstName: "x".repeat(81) })),
    refused("an option the form does not offer", 422, json({ email, interest: "Everything" })),
    refused(
      "a field sent twice",
      422,
      raw("application/x-www-form-urlencoded", `email=${email}&email=mallory@example.net`),
    ),
    refused(
      "a reused idempotency key with another body",
      422,
      json({ email }, { "idempotency-key": "demo-lead-000000000000" }),
    ),
    refused("a file in a form", 422, fileUpload(email)),
    { ...spam(path, email), label: "a filled-in trap field" },
    {
      label: "markup in a name, which is only text",
      path,
      person: "trudy@example.net",
      marketing: true,
      status: 202,
      init: json({ email: "trudy@example.net", firstName: "<script>alert(1)</script>", marketing: true }),
    },
    {
      label: "an odd but valid address",
      path,
      person: "o'hara+demo@mail.example.museum",
      marketing: false,
      status: 202,
      init: json({ email: "o'hara+demo@mail.example.museum" }),
    },
  ];
}

/** Answered as any other, so that a robot learns nothing; stored nowhere. */
function spam(path: string, email: string): Omit<DemoLead, "label"> {
  return {
    path,
    person: undefined,
    marketing: false,
    status: 202,
    refusal: "a filled-in trap field",
    init: json({ email, _website: "http://spam.example" }),
  };
}

const htmlStatus = { status: 303 } as const;

function personOf(index: number): Record<string, string> & { readonly email: string } {
  return {
    email: `Lead.${index}@customers.example`,
    firstName: firstNames[index % firstNames.length] ?? "Ada",
    lastName: lastNames[index % lastNames.length] ?? "Smith",
    company: index % 4 === 0 ? `Company ${index} & Sons` : "",
    interest: ["A quote", "A question", "Something else"][index % 3] ?? "A quote",
    message: `Hello, I am number ${index}.\nCould you call me?`,
  };
}

function tick(marketing: boolean): Record<string, string> {
  return marketing ? { marketing: "on" } : {};
}

function raw(type: string, body: string, headers: Record<string, string> = {}): DemoLead["init"] {
  return { method: "POST", headers: { "content-type": type, ...headers }, body };
}

function json(body: unknown, headers: Record<string, string> = {}): DemoLead["init"] {
  return raw("application/json", JSON.stringify(body), headers);
}

function urlencoded(values: Record<string, string>, headers: Record<string, string>): DemoLead["init"] {
  return raw("application/x-www-form-urlencoded", new URLSearchParams(values).toString(), {
    accept: "text/html",
    ...headers,
  });
}

function multipart(values: Record<string, string>, headers: Record<string, string>): DemoLead["init"] {
  const boundary = "----demo";
  const parts = Object.entries(values).map(
    ([name, value]) =>
      `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value.replaceAll("\n", "\r\n")}\r\n`,
  );
  return raw(`multipart/form-data; boundary=${boundary}`, `${parts.join("")}--${boundary}--\r\n`, {
    accept: "text/html",
    ...headers,
  });
}

function fileUpload(email: string): DemoLead["init"] {
  const part = (header: string, body: string) =>
    `------demo\r\ncontent-disposition: form-data; ${header}\r\n\r\n${body}\r\n`;
  const body = `${part('name="email"', email)}${part('name="message"; filename="a.txt"\r\ncontent-type: text/plain', "hello")}------demo--\r\n`;
  return raw("multipart/form-data; boundary=----demo", body);
}
