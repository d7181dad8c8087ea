import { format } from "node:util";

const LEVELS = { trace: "TRACE", debug: "DEBUG", log: "INFO", info: "INFO", warn: "WARN", error: "ERROR" } as const;

/** Makes the global console write Lambda's JSON log format: one line for each call, with the request it belongs to. */
export function structureConsole(requestId: () => string | undefined): void {
  for (const [method, level] of Object.entries(LEVELS)) {
    Reflect.set(console, method, (...values: unknown[]) => {
      const line = {
        timestamp: new Date().toISOString(),
        level,
        requestId: requestId(),
        message: values.length === 1 && isPlain(values[0]) ? values[0] : format(...values),
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    });
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}
