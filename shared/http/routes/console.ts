import * as z from "zod/mini";
import { defineRoutes } from "../route.ts";

const shell = {
  api: "staff",
  function: "console",
  tag: "Console",
  method: "GET",
  security: "none",
  scopes: [],
  roles: [],
} as const;

/** The console's own files. They hold nobody's data: what the console shows, it reads with the token of who signed in. */
export const consoleRoutes = defineRoutes([
  {
    ...shell,
    operationId: "showConsole",
    path: "/console",
    summary: "The console for staff",
    responses: { 200: { description: "The page, the same for everybody.", mediaType: "text/html" } },
  },
  {
    ...shell,
    operationId: "getConsoleFile",
    path: "/console/{file}",
    summary: "The console's script and style",
    params: z.object({ file: z.string() }),
    responses: { 200: { description: "The file.", mediaType: "text/javascript" } },
  },
]);
