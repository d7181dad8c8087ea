import { findTemplate } from "../email/templates/template-store.ts";
import { DomainError, type Violation } from "../errors.ts";
import { getForm } from "../forms/form-store.ts";
import { getSegment } from "../segments/segment-store.ts";
import { findSurvey } from "../surveys/survey-store.ts";
import type { Table } from "../table/client.ts";
import { getEndpoint } from "../webhooks/endpoint-store.ts";
import type { JourneyDefinition } from "./definition.ts";
import { type Reference, referencesOf, unknownPathsOf } from "./references.ts";

type Find = (table: Table, id: string) => Promise<unknown>;

/** What stands under each kind of id; a segment that is archived has no members, so nobody would start. */
const find: Readonly<Record<Reference["kind"], Find>> = {
  template: findTemplate,
  segment: async (table, id) => {
    const segment = await getSegment(table, id);
    return segment?.archivedAt === undefined ? segment : undefined;
  },
  form: getForm,
  survey: findSurvey,
  endpoint: getEndpoint,
};

/**
 * Makes sure that everything a definition names is there: a mail by a template that is not would fail for each contact,
 * and a segment's mistyped id start nobody, weeks later perhaps.
 *
 * @param what begins the error, `The journey was not kept`
 * @throws DomainError invalid_input with each mistake and where it is
 */
export async function requireReferences(table: Table, definition: JourneyDefinition, what: string): Promise<void> {
  const references = referencesOf(definition);
  const names = new Map(references.map((reference) => [`${reference.kind} ${reference.id}`, reference]));
  const found = await Promise.all(
    [...names].map(async ([name, { kind, id }]) => ((await find[kind](table, id)) === undefined ? [name] : [])),
  );
  const missing = new Set(found.flat());
  const errors: Violation[] = [
    ...references
      .filter(({ kind, id }) => missing.has(`${kind} ${id}`))
      .map(({ kind, id, pointer }) => ({ pointer, message: `there is no ${kind} ${id}`, code: `no_${kind}` })),
    ...unknownPathsOf(definition).map(({ path, pointer }) => ({
      pointer,
      message: `nothing stands at ${path}: paths begin with event. or with contact. as the API shows a contact`,
      code: "unknown_path",
    })),
  ];
  const [first] = errors;
  if (first === undefined) return;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : "";
  throw new DomainError("invalid_input", `${what}: ${first.message} (${first.pointer})${more}.`, { errors });
}
