import type { Host } from "../host.ts";

export const keysHelp = "Keys: a  clock +1 hour   d  clock +1 day   s  state   h  help   q  quit";

/** Single keys on a terminal: the clock by hand, and the way out. */
export function listenToKeys(host: Host, help: () => void, quit: () => void): void {
  const { stdin } = process;
  if (!stdin.isTTY) return;
  stdin.setRawMode(true);
  stdin.resume();
  let moving = false;
  const advance = async (hours: number) => {
    if (moving) return;
    moving = true;
    console.log(`Clock: going ${hours} h forward …`);
    try {
      await host.advance(hours * 3_600_000);
      console.log(`Clock: ${new Date(host.clock.now()).toISOString()}`);
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
    } finally {
      moving = false;
    }
  };
  const state = () => {
    for (const { name, ready, delayed, inFlight } of host.engines.sqs.depths()) {
      console.log(`${name}: ${ready} waiting, ${delayed} delayed, ${inFlight} in hand`);
    }
    console.log(`${host.mailbox.list().length} mails; clock ${new Date(host.clock.now()).toISOString()}`);
  };
  const actions: Readonly<Record<string, () => unknown>> = {
    a: () => advance(1),
    d: () => advance(24),
    s: state,
    h: help,
    q: quit,
    "\u0003": quit,
  };
  stdin.on("data", (data: Buffer) => actions[data.toString()]?.());
}
