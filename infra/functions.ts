import type { FunctionName } from "../shared/runtime/environments.ts";
import { apiFunctions } from "./api-functions.ts";
import { eventFunctions } from "./event-functions.ts";
import type { FunctionSettings } from "./function-settings.ts";

/** Memory, time-out and rights of each function; its role gets what stands here and no more. */
export const functions = {
  ...apiFunctions,
  ...eventFunctions,
} as const satisfies Record<FunctionName, FunctionSettings>;
