import { Template } from "aws-cdk-lib/assertions";
import { expect, test } from "vitest";
import { loadConfig, parseConfig } from "../../infra/config.ts";
import { createApp } from "../../infra/context.ts";
import { buildRapport } from "../../infra/rapport.ts";

function build(change: object) {
  const { stage, ...values } = loadConfig("dev");
  const stacks = buildRapport(createApp(), parseConfig(stage, { ...values, ...change }));
  const templates = new Map(stacks.map((stack) => [stack.stackName, Template.fromStack(stack)]));
  return {
    titles: stacks.map((stack) => stack.stackName),
    text: (title: string) => JSON.stringify(templates.get(`Rapport-dev-${title}`)?.toJSON()),
  };
}

test("another OpenID issuer takes the user pool's place", () => {
  const { titles, text } = build({ openId: { issuer: "https://id.example.com", audience: "rapport-console" } });
  expect(titles).not.toContain("Rapport-dev-Identity");
  expect(text("Api")).toContain(
    '"JwtConfiguration":{"Audience":["rapport-console"],"Issuer":"https://id.example.com"}',
  );
});

test("another issuer's own client and token endpoint are known to the console, and to its policy alone", () => {
  const openId = {
    issuer: "https://id.example.com",
    audience: "api",
    clientId: "page",
    tokenOrigin: "https://t.example",
  };
  const { text } = build({ openId });
  expect(text("Api")).toContain(
    '"ISSUER":"https://id.example.com","CLIENT_ID":"page","TOKEN_ORIGIN":"https://t.example"',
  );
  expect(text("Api")).toContain('"JwtConfiguration":{"Audience":["api"]');
});

test("a domain of one's own before the console is where sign-in may return to, and its origin may call the API", () => {
  const { text } = build({ consoleUrls: ["https://crm.example.com/console"] });
  expect(text("Api")).toMatch(/"CallbackURLs":\[.*,"https:\/\/crm\.example\.com\/console"\],/);
  expect(text("Api")).toContain('"AllowOrigins":["https://crm.example.com"]');
});

test("a restored table takes the table's place in every function, and the old one stays as it is", () => {
  const streamArn = "arn:aws:dynamodb:us-east-1:000000000000:table/rapport-again/stream/2026-01-01T00:00:00.000";
  const before = build({});
  const { text } = build({ restoredTable: { name: "rapport-again", streamArn } });
  for (const title of ["Api", "Messaging", "Schedules"]) {
    expect(text(title)).toContain('"TABLE_NAME":"rapport-again"');
    expect(text(title)).not.toContain('"TABLE_NAME":"rapport-dev"');
    expect(text(title)).not.toContain(":table/rapport-dev");
  }
  expect(text("Messaging")).toContain(`"EventSourceArn":"${streamArn}"`);
  expect(text("Data")).toBe(before.text("Data"));
});

test("a domain of one's own before the public API stands in the mails' links", () => {
  const { text } = build({ publicUrl: "https://go.example.com" });
  expect(text("Messaging")).toContain('"PUBLIC_URL":"https://go.example.com"');
});
