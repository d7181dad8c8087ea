import { createHash } from "node:crypto";
import type { UserPoolModel } from "../assembly/model.ts";

/** A person of the development directory; exists only here. */
export interface DevelopmentUser {
  readonly username: string;
  readonly sub: string;
  readonly name: string;
  readonly email: string;
  readonly groups: readonly string[];
}

/** One user for each group of the pool, named after it; a pool without groups has one plain user. */
export function developmentUsers(pool: Pick<UserPoolModel, "groups">): DevelopmentUser[] {
  if (pool.groups.length === 0) return [user("developer", [])];
  return pool.groups.map((group) => user(group, [group]));
}

/** `manager` also finds the user of a group called `managers`. */
export function findUser(users: readonly DevelopmentUser[], name: string): DevelopmentUser | undefined {
  const wanted = name.toLowerCase();
  return (
    users.find(({ username }) => username.toLowerCase() === wanted) ??
    users.find(({ username }) => username.toLowerCase() === `${wanted}s`)
  );
}

function user(username: string, groups: readonly string[]): DevelopmentUser {
  return {
    username,
    sub: stableUuid(username),
    name: `${username.charAt(0).toUpperCase()}${username.slice(1)} (development)`,
    email: `${username.toLowerCase().replace(/[^a-z0-9]+/g, ".")}@example.com`,
    groups,
  };
}

/** The same for a name at every start, so that data made by a user stays that user's. */
function stableUuid(name: string): string {
  const hex = createHash("sha256").update(`development user ${name}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
