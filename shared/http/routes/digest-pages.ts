import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";

const page = {
  api: "public",
  function: "pages",
  tag: "KPIs",
  scopes: [],
  roles: [],
  security: "token",
  path: "/d/{token}",
  params: z.object({ token: z.string() }),
  responses: { 200: { description: "A page.", mediaType: "text/html" } },
} as const;

export const digestPageRoutes = defineRoutes([
  {
    ...page,
    operationId: "showStopDigest",
    method: "GET",
    summary: "Ask whether to stop a digest; changes nothing",
  },
  {
    ...page,
    operationId: "stopDigest",
    method: "POST",
    summary: "Stop a digest (RFC 8058 one-click, and the page's button)",
    mediaTypes: ["application/x-www-form-urlencoded", "multipart/form-data"],
  },
]);
