import type { ServerResponse } from "node:http";
import type { UserPoolModel } from "../assembly/model.ts";

/** The cookies by which the sign-in server knows a browser again. */
const cookies = ["_session", "_session.sig", "_session.legacy", "_session.legacy.sig"];

/**
 * Sign-out as Cognito's `/logout` does it: without a question, back to one of the client's own addresses.
 *
 * @returns what is wrong with the request, if anything is; then nothing happened.
 */
export function logOut(pool: UserPoolModel, query: URLSearchParams, response: ServerResponse): string | undefined {
  const client = pool.clients.find(({ id }) => id === query.get("client_id"));
  if (client === undefined) return "client_id names no client of this pool";
  const back = query.get("logout_uri") ?? "";
  if (!client.logoutUrls.includes(back)) {
    return `logout_uri must be one of the client's LogoutURLs: ${client.logoutUrls.join(", ") || "it has none"}`;
  }
  response.setHeader(
    "set-cookie",
    cookies.map((name) => `${name}=; path=/; max-age=0`),
  );
  response.writeHead(302, { location: back }).end();
  return undefined;
}
