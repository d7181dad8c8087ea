import type { Credentials } from "../interfaces.ts";

/** The host's own calls to the engines; the gateway lets them pass unseen. */
export const hostCredentials: Credentials = { accessKeyId: "HOST", secretAccessKey: "host", sessionToken: "host" };
