import type { Assembly } from "../../assembly/model.ts";
import { type Answer, type Call, Refusal, type Service } from "../call.ts";
import type { Engine, EngineAnswer } from "../engine.ts";
import { errorAnswer } from "../errors.ts";
import { isObject, type JsonObject, parseObject, stringOf } from "../json.ts";
import type { Meter } from "../meter.ts";
import { accessesOf } from "./accesses.ts";
import { absentCapacity, consumedCapacity, failedConditionCapacity, isMetered, shownCapacity } from "./capacity.ts";
import { tablesOf } from "./tables.ts";
import { transactionCapacity, watchTransaction } from "./transactions.ts";

const CONDITION_FAILED = "ConditionalCheckFailedException";

export function dynamodbService(options: { assembly: Assembly; engine: Engine; meter: Meter }): Service {
  const { engine, meter } = options;
  const tables = tablesOf(options.assembly);

  /** Asks the engine for capacity on the caller's behalf, and takes it out of the answer again. */
  async function performMetered(call: Call, text: string, request: JsonObject): Promise<Answer> {
    const answer = await engine.send(call.headers, meteredBody(call.action, text, request));
    const response = parseObject(answer.body.toString("utf8"));
    if (!response) return passed(answer);
    if (answer.status === 200) {
      const consumed = response.ConsumedCapacity;
      meter.capacity(call.payer, consumedCapacity(call.action, request, consumed));
      if (call.action === "BatchGetItem") meter.capacity(call.payer, absentCapacity(request, response));
      const wanted = request.ReturnConsumedCapacity;
      if (wanted === "INDEXES") return passed(answer);
      return {
        ...passed(answer),
        body: JSON.stringify({ ...response, ConsumedCapacity: shownCapacity(wanted, consumed) }),
      };
    }
    if (!stringOf(response.__type)?.endsWith(CONDITION_FAILED)) return passed(answer);
    const existing = isObject(response.Item) ? response.Item : undefined;
    meter.capacity(call.payer, [failedConditionCapacity(request, existing)]);
    if (request.ReturnValuesOnConditionCheckFailure === "ALL_OLD") return passed(answer);
    return { ...passed(answer), body: JSON.stringify({ ...response, Item: undefined }) };
  }

  async function performTransaction(call: Call, text: string, request: JsonObject): Promise<Answer> {
    const transaction = await watchTransaction(engine, tables, request);
    const answer = await engine.send(call.headers, text);
    const response = parseObject(answer.body.toString("utf8"));
    const used = await transaction.after({ status: answer.status, response });
    meter.capacity(call.payer, used);
    const wanted = request.ReturnConsumedCapacity;
    if (answer.status !== 200 || wanted === undefined || wanted === "NONE") return passed(answer);
    return {
      ...passed(answer),
      body: JSON.stringify({ ...response, ConsumedCapacity: transactionCapacity(wanted, used) }),
    };
  }

  return {
    prepare(call) {
      const text = call.body.toString("utf8");
      const request = parseObject(text);
      if (!request) throw refusal("SerializationException", "The request body is not a JSON object.");
      if (/Statement|ExecuteTransaction/.test(call.action)) {
        throw refusal("ValidationException", "PartiQL is not emulated by the local gateway: use the item operations.");
      }
      return {
        accesses: accessesOf(call.action, request, tables),
        async perform() {
          if (call.action.startsWith("Transact")) return performTransaction(call, text, request);
          if (isMetered(call.action)) return performMetered(call, text, request);
          return passed(await engine.send(call.headers, text));
        },
      };
    },
  };
}

function refusal(code: string, message: string): Refusal {
  return new Refusal(errorAnswer("dynamodb", { status: 400, code, message }));
}

/** The caller's text with what the meter needs put in front; written anew only where the caller set it otherwise. */
function meteredBody(action: string, text: string, request: JsonObject): string {
  const added: Record<string, string> = { ReturnConsumedCapacity: "INDEXES" };
  // The old item tells the size that a failed condition is billed by.
  const conditional = request.ConditionExpression !== undefined && /^(Put|Update|Delete)Item$/.test(action);
  if (conditional) added.ReturnValuesOnConditionCheckFailure = "ALL_OLD";
  const isNew = Object.keys(added).every((name) => request[name] === undefined) && Object.keys(request).length > 0;
  if (!isNew) return JSON.stringify({ ...request, ...added });
  return `${JSON.stringify(added).slice(0, -1)},${text.slice(text.indexOf("{") + 1)}`;
}

/** The engine's answer; its checksum goes, since the body may differ. */
function passed(answer: EngineAnswer): Answer {
  const { "content-type": type = "application/x-amz-json-1.0", "x-amzn-requestid": id = "" } = answer.headers;
  return { status: answer.status, headers: { "content-type": type, "x-amzn-requestid": id }, body: answer.body };
}
