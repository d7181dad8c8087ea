import { expect, it } from "vitest";
import { accessLogBytes } from "../../../../local/api/access-log.ts";

const access = {
  api: "shop",
  requestId: "r-1",
  sourceIp: "127.0.0.1",
  method: "GET",
  path: "/things/1",
  route: "GET /things/{id}",
  status: 200,
  requestBytes: 0,
  responseBytes: 12,
  bytes: 12,
  durationMs: 3.4,
};

it.each([
  [undefined, 0],
  ["$context.status", 3 + 26],
  ['{"route":"$context.routeKey","ms":$context.responseLatency}', '{"route":"GET /things/{id}","ms":3}'.length + 26],
  ["$context.identity.sourceIp $context.error.message", "127.0.0.1 -".length + 26],
])("counts the access log line of the format %s as %i bytes", (format, bytes) => {
  expect(accessLogBytes(format, access)).toBe(bytes);
});
