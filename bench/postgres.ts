import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { KpiEntry } from "../shared/kpis/entry.ts";
import { type Figure, plain, quantile } from "./figure.ts";

interface Questions {
  readonly timeZone: string;
  /** The local date of the one-day question. */
  readonly day: string;
  /** The dashboard shows the thirteen months before this instant. */
  readonly until: string;
  readonly asks: number;
}

/** One look for all KPIs, as a good dashboard over a plain table would: months of thirteen, by fact. */
const dashboard = `
  SELECT date_trunc('month', at AT TIME ZONE $1) AS month, fact, count(*), sum(amount), count(DISTINCT person),
         percentile_cont(0.5) WITHIN GROUP (ORDER BY lag)
  FROM facts WHERE at >= $2::timestamptz - interval '13 months' AND at < $2 GROUP BY 1, 2`;

/** The KPIs' median alone needs a sort; this look leaves medians and distinct people out. */
const plainDashboard = `
  SELECT date_trunc('month', at AT TIME ZONE $1) AS month, fact, count(*), sum(amount)
  FROM facts WHERE at >= $2::timestamptz - interval '13 months' AND at < $2 GROUP BY 1, 2`;

const oneDay = `
  SELECT fact, source, count(*), sum(amount) FROM facts
  WHERE at >= $2::date::timestamp AT TIME ZONE $1 AND at < ($2::date + 1)::timestamp AT TIME ZONE $1 GROUP BY 1, 2`;

/** Asks PostgreSQL the same of the same rows; without an installed PostgreSQL there are no figures, and it says so. */
export async function askPostgres(entries: readonly KpiEntry[], questions: Questions): Promise<readonly Figure[]> {
  const bin = binaries();
  if (bin === undefined) {
    console.error("… PostgreSQL is not installed (Debian: apt-get install postgresql): its figures are left out");
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "rapport-postgres-"));
  const owner = ownerOf(folder);
  execFileSync(join(bin, "initdb"), ["-D", join(folder, "data"), "-A", "trust", "-U", "bench"], {
    ...owner,
    stdio: "ignore",
  });
  const server = spawn(join(bin, "postgres"), ["-D", join(folder, "data"), "-k", folder, "-c", "listen_addresses="], {
    ...owner,
    stdio: "ignore",
  });
  try {
    const client = await connected(folder);
    await loadFacts(client, entries);
    const ms = async (text: string, values: readonly unknown[], times: number) => {
      const took: number[] = [];
      for (let nth = 0; nth < times; nth++) {
        const began = performance.now();
        await client.query(text, [...values]);
        took.push(performance.now() - began);
      }
      return took;
    };
    const { timeZone, until, day, asks } = questions;
    const full = await ms(dashboard, [timeZone, until], 5);
    const slim = await ms(plainDashboard, [timeZone, until], Math.min(asks, 20));
    const recount = await ms(oneDay, [timeZone, day], asks);
    await client.end();
    return [
      plain("PostgreSQL: 13 months by fact, medians and people", quantile(full, 0.5), "ms (p50)"),
      plain("  counts and sums alone", quantile(slim, 0.5), "ms (p50)"),
      plain("  counts and sums alone", quantile(slim, 0.99), "ms (p99)"),
      plain("  one day by fact and source", quantile(recount, 0.5), "ms (p50)"),
    ];
  } finally {
    server.kill("SIGINT");
    await once(server, "exit");
    rmSync(folder, { recursive: true, force: true });
  }
}

function binaries(): string | undefined {
  const root = "/usr/lib/postgresql";
  const newest = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a))[0] : undefined;
  return newest === undefined ? undefined : join(root, newest, "bin");
}

/** PostgreSQL refuses to be run by root; its package makes a user for it. */
function ownerOf(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"])));
  chownSync(folder, uid, gid);
  return { uid, gid };
}

async function connected(host: string): Promise<pg.Client> {
  for (let left = 100; ; left--) {
    const client = new pg.Client({ host, user: "bench", database: "postgres" });
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function loadFacts(client: pg.Client, entries: readonly KpiEntry[]): Promise<void> {
  await client.query(
    "CREATE TABLE facts (fact text, at timestamptz, person text, source text, amount bigint, lag float8)",
  );
  const size = 20_000;
  for (let start = 0; start < entries.length; start += size) {
    const part = entries.slice(start, start + size);
    const of = (name: string) => part.map(({ properties }) => properties[name] ?? null);
    await client.query(
      "INSERT INTO facts SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::float8[])",
      [
        part.map(({ fact }) => fact),
        part.map(({ at }) => at),
        part.map(({ person }) => person),
        of("source"),
        of("amount"),
        of("lag"),
      ],
    );
  }
  await client.query("CREATE INDEX ON facts (at) INCLUDE (fact, amount)");
  await client.query("CREATE INDEX ON facts (fact, at)");
  await client.query("VACUUM ANALYZE facts");
}
