import type { Table } from "../../shared/table/client.ts";

/** The table as a process sees it that dies at its n-th call, before or after the effect; every later call fails as well. */
export function crashing(table: Table, { nth, after }: { readonly nth: number; readonly after: boolean }): Table {
  let calls = 0;
  async function send(...call: Parameters<Table["client"]["send"]>): Promise<unknown> {
    const mine = ++calls;
    if (mine > nth || (mine === nth && !after)) throw new Error("crashed");
    const answer: unknown = await table.client.send(...call);
    if (mine === nth) throw new Error("crashed");
    return answer;
  }
  const client = new Proxy(table.client, {
    get: (target, name) => (name === "send" ? send : Reflect.get(target, name)),
  });
  return { name: table.name, client };
}
