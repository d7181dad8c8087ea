import { expect, it } from "vitest";
import { accessLine, accessLogBytes } from "../../../../local/api/access-log.ts";

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

it.each([
  ["GET /things/{token}", "/things/{token}"],
  ["$default", "/things/1"],
])("the line of %s says %s, since a path may hold a token", (route, path) => {
  const line = accessLine({ ...access, route, logBytes: 0 }, 0);
  expect(line.message).toContain(` ${path} `);
  expect(line.data).toMatchObject({ path });
});
