import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { RuntimeError } from "./errors.ts";

export type Handler = (
  event: unknown,
  context: object,
  callback: (error: unknown, result?: unknown) => void,
) => unknown;

/** Imports `file.export` from a bundle the way Lambda's runtime does: `.js`, then `.mjs`, then `.cjs`. */
export async function loadHandler(taskRoot: string, setting: string): Promise<Handler> {
  const name = basename(setting);
  const dot = name.indexOf(".");
  if (dot < 1) throw new RuntimeError("Runtime.MalformedHandlerName", "Bad handler");
  const stem = join(dirname(setting), name.slice(0, dot));
  const exported = await importModule(findFile(taskRoot, stem), taskRoot, stem);
  const handler = name
    .slice(dot + 1)
    .split(".")
    .reduce<unknown>((value, key) => (isObject(value) ? Reflect.get(value, key) : undefined), exported);
  if (handler === undefined) {
    throw new RuntimeError("Runtime.HandlerNotFound", `${setting} is undefined or not exported`);
  }
  if (!isHandler(handler)) throw new RuntimeError("Runtime.HandlerNotFound", `${setting} is not a function`);
  return handler;
}

function findFile(taskRoot: string, stem: string): string {
  const candidates = [".js", ".mjs", ".cjs"].map((extension) => resolve(taskRoot, stem + extension));
  const file = candidates.find((candidate) => existsSync(candidate));
  if (file === undefined) {
    throw new RuntimeError("Runtime.ImportModuleError", `Error: Cannot find module '${stem}'`);
  }
  return file;
}

async function importModule(file: string, taskRoot: string, stem: string): Promise<unknown> {
  try {
    return isEsModule(file, taskRoot) ? await import(pathToFileURL(file).href) : createRequire(file)(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError("Runtime.UserCodeSyntaxError", String(error), error);
    if (isObject(error) && /MODULE_NOT_FOUND$/.test(String(Reflect.get(error, "code")))) {
      throw new RuntimeError("Runtime.ImportModuleError", `${String(error)} (while importing ${stem})`, error);
    }
    throw error;
  }
}

function isEsModule(file: string, taskRoot: string): boolean {
  if (!file.endsWith(".js")) return file.endsWith(".mjs");
  const manifest = join(taskRoot, "package.json");
  return existsSync(manifest) && /"type"\s*:\s*"module"/.test(readFileSync(manifest, "utf8"));
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

const isHandler = (value: unknown): value is Handler => typeof value === "function";
