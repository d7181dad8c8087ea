import type { Meter } from "../gateway/meter.ts";
import type { Gateway } from "../gateway/server.ts";

/** What the pool needs of the gateway. */
export interface GatewayPort extends Pick<Gateway, "url" | "issue" | "revoke" | "begin" | "end" | "onCrash"> {
  readonly meter: Pick<Meter, "invocation" | "logBytes">;
}

export type InvocationMeasure = Parameters<Meter["invocation"]>[0];
