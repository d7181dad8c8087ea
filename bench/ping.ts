import type { Stack } from "../scripts/stack.ts";
import type { Track } from "./track.ts";

/** A journey that answers each event with one transactional mail, which needs no consent and meets no cap. */
export async function preparePings(stack: Stack): Promise<void> {
  await put(stack, "/v1/templates/bench-ping", {
    name: "Ping",
    stream: "transactional",
    subject: "Ping {{ event.pingId }}",
    html: "<p>Hello {{ contact.firstName | default: 'you' }}, this answers {{ event.pingId }}.</p>",
  });
  await put(stack, "/v1/journeys/bench-ping", {
    name: "Ping",
    trigger: { event: "Ping Asked", entryKey: ["properties.pingId"] },
    start: "mail",
    steps: [
      { type: "email", id: "mail", templateId: "bench-ping", next: "end" },
      { type: "end", id: "end" },
    ],
  });
  const published = await stack.staff("admin", "POST", "/v1/journeys/bench-ping/publish");
  if (!published.ok) throw new Error(`publishing answered ${published.status}: ${await published.text()}`);
  // longer than the functions keep their list of journeys, on the machine's own clock
  await new Promise((resolve) => setTimeout(resolve, 3_000));
}

async function put(stack: Stack, path: string, body: unknown): Promise<void> {
  const response = await stack.staff("admin", "PUT", path, { body });
  if (!response.ok) throw new Error(`PUT ${path} answered ${response.status}: ${await response.text()}`);
}

/** Asks for one mail, of a contact of its own. */
export function askForPing(track: Track, id: string): Promise<void> {
  return track("Ping Asked", `${id}@customers.example`, { pingId: id });
}

/** When the mails of pings whose ids begin with `prefix` were sent, in milliseconds since the epoch, by ping. */
export async function sentPings({ host }: Stack, prefix: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const sent = new Map<string, number[]>();
  for (const { subject, timestamp } of await host.mails()) {
    const id = /^Ping (\S+)$/.exec(subject)?.[1];
    if (id?.startsWith(prefix) !== true) continue;
    sent.set(id, [...(sent.get(id) ?? []), Date.parse(timestamp)]);
  }
  return sent;
}
