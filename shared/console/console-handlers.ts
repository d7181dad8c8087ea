import { createHash } from "node:crypto";
import { DomainError } from "../errors.ts";
import type { Handlers } from "../http/router.ts";
import type { consoleRoutes } from "../http/routes/console.ts";
import { type ConsoleSettings, shellReply } from "./shell.ts";

export interface ConsoleDependencies {
  readonly settings: Omit<ConsoleSettings, "filesVersion">;
  /** The script and the style: text by file name. */
  readonly files: Readonly<Record<string, string>>;
}

const mediaTypes: Readonly<Record<string, string>> = { js: "text/javascript", css: "text/css" };

/** The handlers of the console's own files. They read nothing. */
export function consoleHandlers({ settings, files }: ConsoleDependencies): Handlers<typeof consoleRoutes> {
  const filesVersion = createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 12);
  const shell = shellReply({ ...settings, filesVersion });
  return {
    showConsole: async () => shell,
    getConsoleFile: async ({ params: { file } }) => {
      const text = Object.hasOwn(files, file) ? files[file] : undefined;
      const mediaType = mediaTypes[file.split(".").at(-1) ?? ""];
      if (text === undefined || mediaType === undefined) {
        throw new DomainError("not_found", `The console has no file ${file}.`);
      }
      return {
        status: 200,
        text,
        headers: {
          "content-type": `${mediaType}; charset=utf-8`,
          // The page names them with their version.
          "cache-control": "public, max-age=31536000, immutable",
        },
      };
    },
  };
}
