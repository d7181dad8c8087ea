import type { FunctionModel, PolicyStatement } from "../../assembly/model.ts";
import { type Condition, type Context, compileConditions, PolicyError } from "./conditions.ts";
import { likePattern } from "./wildcard.ts";

/** One thing that a call wants to do; a batch or a transaction wants several. */
export interface Access {
  /** `dynamodb:PutItem` */
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
}

export interface Denial {
  readonly access: Access;
  readonly because: "explicit deny" | "no allow";
}

/** What one statement of a role allowed so far. */
export interface Grant {
  readonly effect: "Allow" | "Deny";
  readonly resources: readonly string[];
  readonly conditions: PolicyStatement["conditions"];
  readonly actions: readonly { readonly action: string; readonly calls: number }[];
}

export interface Policy {
  /** The first access that is denied, if any; the call counts in the grants only when every access of it is allowed. */
  decide(accesses: readonly Access[]): Denial | undefined;
  grants(): readonly Grant[];
}

interface Statement {
  readonly model: PolicyStatement;
  readonly actions: readonly { readonly pattern: RegExp; readonly name: string }[];
  readonly resources: readonly RegExp[];
  readonly conditions: readonly Condition[];
  readonly calls: Map<string, number>;
}

/** Compiles a function's statements. Throws PolicyError, naming the function, at what this host cannot evaluate. */
export function compilePolicy(fn: FunctionModel): Policy {
  const statements = fn.policies.map((model) => compileStatement(fn, model));
  const cache = new Map<string, readonly Match[]>();

  function matches(access: Access): readonly Match[] {
    const id = `${access.action} ${access.resource}`;
    const known = cache.get(id);
    if (known) return known;
    const found = statements.flatMap((statement) => match(statement, access));
    cache.set(id, found);
    return found;
  }

  return {
    decide(accesses) {
      const used: Match[] = [];
      for (const access of accesses) {
        const holding = matches(access).filter(({ statement }) =>
          statement.conditions.every((holds) => holds(access.context)),
        );
        const denied = holding.some(({ statement }) => statement.model.effect === "Deny");
        if (denied) return { access, because: "explicit deny" };
        if (holding.length === 0) return { access, because: "no allow" };
        used.push(...holding);
      }
      for (const { statement, action } of used) statement.calls.set(action, (statement.calls.get(action) ?? 0) + 1);
      return undefined;
    },
    grants: () => statements.map(grantOf),
  };
}

interface Match {
  readonly statement: Statement;
  /** The statement's own wording of the action, which may be a wildcard. */
  readonly action: string;
}

function match(statement: Statement, access: Access): readonly Match[] {
  const action = statement.actions.find(({ pattern }) => pattern.test(access.action));
  return action && statement.resources.some((pattern) => pattern.test(access.resource))
    ? [{ statement, action: action.name }]
    : [];
}

function compileStatement(fn: FunctionModel, model: PolicyStatement): Statement {
  return {
    model,
    actions: model.actions.map((name) => ({ name, pattern: likePattern(name, "i") })),
    resources: model.resources.map((pattern) => likePattern(pattern)),
    conditions: conditionsOf(fn, model),
    calls: new Map(),
  };
}

/** Conditions of other services' statements never meet a call here, so only those of the three services must be known. */
function conditionsOf(fn: FunctionModel, model: PolicyStatement): readonly Condition[] {
  if (!model.actions.some((action) => /^(\*|dynamodb:|sqs:|ses:)/i.test(action))) return [];
  try {
    return compileConditions(model.conditions);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const message = `Function ${fn.name} has a policy that the local gateway cannot evaluate: ${error.message}; add it to local/gateway/access/conditions.ts or write the policy without it.`;
    throw new PolicyError(message, { cause: error });
  }
}

function grantOf(statement: Statement): Grant {
  const { effect, resources, conditions, actions } = statement.model;
  return {
    effect,
    resources,
    conditions,
    actions: actions.map((action) => ({ action, calls: statement.calls.get(action) ?? 0 })),
  };
}
