import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Table } from "../table/client.ts";
import { digestOf } from "../table/hash.ts";
import type { MailFact } from "./mail-fact.ts";

export type FactWriter = (pk: string, fact: MailFact) => Promise<void>;

/** Some 20 KB. */
const mostFacts = 100;

/**
 * A writer of facts that puts those of one partition together which come while it is writing: a burst of opens costs a
 * fraction of a write unit each. How facts fall together is chance; counting tells repeated ones by their ids.
 */
export function createFactWriter(table: Table): FactWriter {
  const open = new Map<string, { readonly facts: MailFact[]; readonly written: Promise<void> }>();
  const busy = new Map<string, Promise<void>>();
  return (pk, fact) => {
    const group = open.get(pk);
    if (group !== undefined && group.facts.length < mostFacts) {
      group.facts.push(fact);
      return group.written;
    }
    const facts = [fact];
    const turn = busy.get(pk) ?? new Promise<void>((resolve) => setImmediate(resolve));
    const written = turn.then(() => {
      if (open.get(pk)?.facts === facts) open.delete(pk);
      return putFacts(table, pk, facts);
    });
    const over = written.then(free, free);
    function free(): void {
      if (busy.get(pk) === over) busy.delete(pk);
    }
    busy.set(pk, over);
    open.set(pk, { facts, written });
    return written;
  };
}

/** Writes facts as one item; the same facts are the same item. */
async function putFacts(table: Table, pk: string, facts: readonly MailFact[]): Promise<void> {
  const sk = `MAIL#${digestOf(facts.map(({ id }) => id).sort())}`;
  await table.client.send(new PutCommand({ TableName: table.name, Item: { pk, sk, kind: "mailFacts", facts } }));
}
