import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { apiKeyIdOf } from "../../../shared/access/api-key.ts";
import { getApiKey, putApiKey } from "../../../shared/access/api-key-store.ts";
import { type Form, formDefinitionSchema } from "../../../shared/forms/form.ts";
import { getForm, putForm } from "../../../shared/forms/form-store.ts";
import { createRouter } from "../../../shared/http/router.ts";
import { intakeRoutes } from "../../../shared/http/routes/intake.ts";
import { intakeHandlers } from "../../../shared/intake/intake-handlers.ts";
import type { Table } from "../../../shared/table/client.ts";
import { itemsOf } from "../../support/table-contents.ts";

export const secret = "rk_test-secret";
export const noon = new Date("2026-03-01T12:00:00.000Z");

/** A form that uses every type of field. */
export const definition = formDefinitionSchema.parse({
  title: "Talk to us",
  fields: [
    { name: "email", label: "E-mail", type: "email", required: true },
    { name: "firstName", label: "First name", type: "text", maxLength: 80 },
    { name: "phone", label: "Telephone", type: "tel" },
    { name: "message", label: "Message", type: "textarea" },
    { name: "interest", label: "Interest", type: "select", options: ["A quote", "A question"] },
    { name: "terms", label: "Terms", type: "checkbox" },
    { name: "seats", label: "Seats", type: "number" },
    { name: "start", label: "Start", type: "date" },
    { name: "website", label: "Web site", type: "url" },
    { name: "campaign", label: "Campaign", type: "hidden" },
  ],
  marketing: { text: "Yes, send me news.", version: "2026-03" },
  origins: ["https://www.example.com"],
  rateLimit: { submissions: 100_000, perSeconds: 600 },
});

export interface Posted {
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: string;
  readonly ip?: string;
  readonly routeKey?: string;
  readonly path?: Readonly<Record<string, string>>;
}

/** The door over a real table, with a clock that the test holds. */
export async function openDoor(table: Table, changes: Partial<Form> = {}) {
  const faults: unknown[] = [];
  const trapped: string[] = [];
  const clock = { now: noon };
  await putForm(table, "contact", { ...definition, ...changes }, undefined);
  await putApiKey(table, { id: apiKeyIdOf(secret), name: "shop", scopes: ["track"], createdAt: noon.toISOString() });
  const onFault = (error: unknown) => faults.push(error);
  const handlers = intakeHandlers({
    table,
    house: { publicName: "Harbour <Ltd>", postalAddress: "1 Harbour Street" },
    now: () => clock.now,
    newNonce: () => "a-nonce-that-is-fresh",
    form: (id) => getForm(table, id),
    apiKey: (id) => getApiKey(table, id),
    onTrapped: (formId) => trapped.push(formId),
    onFault,
  });
  const route = createRouter({ routes: intakeRoutes, handlers, onFault });

  const post = (posted: Posted) => route(postEvent(posted));
  return {
    clock,
    faults,
    trapped,
    post,
    json: (fields: unknown, headers: Readonly<Record<string, string>> = {}) =>
      post({ body: JSON.stringify(fields), headers: { "content-type": "application/json", ...headers } }),
    track: (event: unknown, headers: Readonly<Record<string, string>> = {}) =>
      post({
        routeKey: "POST /v1/track",
        body: typeof event === "string" ? event : JSON.stringify(event),
        headers: { "content-type": "application/json", authorization: `Bearer ${secret}`, ...headers },
      }),
    call: (
      call: string,
      body: unknown,
      headers: Readonly<Record<string, string>> = { authorization: `Bearer ${secret}` },
    ) =>
      post({
        routeKey: `POST /v1/${call}`,
        body: JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      }),
    stored: () => itemsOf(table, "intake"),
    counted: () => itemsOf(table, "rate"),
  };
}

/** What API Gateway makes of a request: bodies that are not text arrive in base64. */
export function postEvent({ body, headers = {}, form = "contact", ip = "192.0.2.1", ...posted }: Posted) {
  const routeKey = posted.routeKey ?? "POST /v1/forms/{formId}/submissions";
  const [method = "POST", pattern = "/"] = routeKey.split(" ");
  const path = pattern.replace("{formId}", form);
  const http = { method, path, protocol: "HTTP/1.1", sourceIp: ip, userAgent: "test" };
  const event: APIGatewayProxyEventV2 = {
    version: "2.0",
    routeKey,
    rawPath: path,
    rawQueryString: "",
    headers: { host: "api.example.com", ...headers },
    pathParameters: posted.path ?? { formId: form },
    requestContext: {
      accountId: "1",
      apiId: "1",
      domainName: "api.example.com",
      domainPrefix: "api",
      http,
      requestId: "request-1",
      routeKey,
      stage: "$default",
      time: "",
      timeEpoch: 0,
    },
    ...(body !== undefined && { body: Buffer.from(body).toString("base64") }),
    isBase64Encoded: body !== undefined,
  };
  return event;
}

/** The problem document of an answer. */
export function problemOf(result: APIGatewayProxyStructuredResultV2) {
  return JSON.parse(result.body ?? "{}");
}

/** Two parts of text, and a file when one is given. */
export function multipart(fields: Readonly<Record<string, string>>, file?: string): Posted {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--b\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  if (file !== undefined) {
    parts.push(
      `--b\r\ncontent-disposition: form-data; name="cv"; filename="${file}"\r\ncontent-type: text/plain\r\n\r\nHi\r\n`,
    );
  }
  return { body: `${parts.join("")}--b--\r\n`, headers: { "content-type": "multipart/form-data; boundary=b" } };
}

export function urlencoded(text: string, headers: Readonly<Record<string, string>> = {}): Posted {
  return { body: text, headers: { "content-type": "application/x-www-form-urlencoded", ...headers } };
}
