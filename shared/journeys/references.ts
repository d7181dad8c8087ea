import { contactViewSchema } from "../contacts/contact-view.ts";
import { contactFields } from "../contacts/profile-schema.ts";
import type { Condition } from "./condition.ts";
import type { JourneyDefinition } from "./definition.ts";
import { startingEvents } from "./trigger.ts";

/** Something that a definition names and that must be there for it to work. */
export interface Reference {
  readonly kind: "template" | "segment" | "form" | "survey" | "endpoint";
  readonly id: string;
  /** JSON pointer to where it is named. */
  readonly pointer: string;
}

/** A path into the contact or the event where nothing can stand. */
export interface UnknownPath {
  readonly path: string;
  readonly pointer: string;
}

/** Which property of which events holds the id of what. */
const idProperties = [
  { property: "segmentId", kind: "segment", events: ["Segment Entered", "Segment Exited"] },
  { property: "formId", kind: "form", events: ["Form Submitted"] },
  { property: "survey", kind: "survey", events: ["Survey Answered"] },
] as const;

/** Everything of the account's that a definition names. Pure. */
export function referencesOf(definition: JourneyDefinition): readonly Reference[] {
  const named = definition.steps.flatMap((step, at): Reference[] => {
    if (step.type === "email") return [{ kind: "template", id: step.templateId, pointer: `/steps/${at}/templateId` }];
    if (step.type === "webhook") return [{ kind: "endpoint", id: step.endpointId, pointer: `/steps/${at}/endpointId` }];
    return [];
  });
  return [...named, ...conditionsOf(definition).flatMap(referencesIn)];
}

/** Paths of branches and webhooks that lead nowhere: a branch on one would never be taken. Pure. */
export function unknownPathsOf(definition: JourneyDefinition): readonly UnknownPath[] {
  const ofBranches = conditionsOf(definition)
    .filter(({ isBranch }) => isBranch)
    .map(({ condition, pointer }) => ({ path: condition.property, pointer: `${pointer}/property` }));
  const ofWebhooks = definition.steps.flatMap((step, at) =>
    step.type === "webhook" ? step.send.map((path, index) => ({ path, pointer: `/steps/${at}/send/${index}` })) : [],
  );
  return [...ofBranches, ...ofWebhooks].filter(({ path }) => !leadsSomewhere(path));
}

/** Members of the contact whose own members are known by name. */
const openMembers = new Set(["traits", "lead", "engagement", "carts", "revenue", "refunded", "tags"]);

function leadsSomewhere(path: string): boolean {
  const [first = "", second = "", ...deeper] = path.split(".");
  if (first === "event") return second !== "";
  if (first !== "contact" || !Object.hasOwn(contactViewSchema.shape, second)) return false;
  if (second !== "fields") return openMembers.has(second) || deeper.length === 0;
  const fields: readonly string[] = contactFields;
  return deeper.length === 0 || fields.includes(deeper.join("."));
}

interface Placed {
  readonly condition: Condition;
  readonly pointer: string;
  /** The events whose properties it looks at. */
  readonly events: readonly string[];
  readonly isBranch: boolean;
}

function conditionsOf({ trigger, goal, exits, activity, steps }: JourneyDefinition): readonly Placed[] {
  const starting = startingEvents({ trigger });
  const matches = [
    ...(goal === undefined ? [] : [{ match: goal, pointer: "/goal" }]),
    ...exits.map((match, at) => ({ match, pointer: `/exits/${at}` })),
    ...activity.map((match, at) => ({ match, pointer: `/activity/${at}` })),
    ...steps.flatMap((step, at) =>
      step.type === "waitForEvent" ? [{ match: step.for, pointer: `/steps/${at}/for` }] : [],
    ),
  ];
  const branches = steps.flatMap((step, at) =>
    step.type === "branch"
      ? step.branches.flatMap(({ when }, way) => placed(when, `/steps/${at}/branches/${way}/when`, starting, true))
      : [],
  );
  return [
    ...("event" in trigger ? placed(trigger.conditions, "/trigger/conditions", starting) : []),
    ...matches.flatMap(({ match, pointer }) => placed(match.conditions, `${pointer}/conditions`, [match.event])),
    ...branches,
  ];
}

function placed(
  conditions: readonly Condition[],
  pointer: string,
  events: readonly string[],
  isBranch = false,
): readonly Placed[] {
  return conditions.map((condition, at) => ({ condition, pointer: `${pointer}/${at}`, events, isBranch }));
}

function referencesIn({ condition, pointer, events, isBranch }: Placed): readonly Reference[] {
  const kind = idProperties.find(
    ({ property, events: of }) =>
      condition.property === (isBranch ? `event.${property}` : property) && of.some((name) => events.includes(name)),
  )?.kind;
  if (kind === undefined) return [];
  return (["equals", "notEquals", "oneOf"] as const).flatMap((test) =>
    [condition[test] ?? []].flat().map((id) => ({ kind, id: String(id), pointer: `${pointer}/${test}` })),
  );
}
