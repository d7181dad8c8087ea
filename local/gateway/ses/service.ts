import { randomUUID } from "node:crypto";
import type { Assembly } from "../../assembly/model.ts";
import type { Mailbox } from "../../mail/mailbox.ts";
import type { Access } from "../access/policy.ts";
import { type Answer, type Call, Refusal, type Service } from "../call.ts";
import type { Engine } from "../engine.ts";
import { errorAnswer } from "../errors.ts";
import { parseObject, stringOf } from "../json.ts";
import type { Meter } from "../meter.ts";
import { type SendRequest, senderAddress, sendRequest } from "./request.ts";

export function sesService(options: { assembly: Assembly; engine: Engine; meter: Meter; mail: Mailbox }): Service {
  const { assembly, engine, meter, mail } = options;

  async function send(call: Call, request: SendRequest): Promise<Answer> {
    refuseUnlessConfigured(request);
    const refusal = mail.quota.take(request.destination.length);
    if (refusal !== undefined) throw failure("Throttling", refusal);
    const answer = await engine.send(call.headers, call.body);
    if (answer.status !== 200) throw failure("InvalidParameterValue", engineMessage(answer.body));
    const messageId = await mail.accept({ ...request, callerIdentity: call.payer.function });
    meter.mail(call.payer, request.destination.length);
    return xml(request.operation, `<MessageId>${messageId}</MessageId>`);
  }

  /** What SES checks of a message before it takes it. */
  function refuseUnlessConfigured(request: SendRequest): void {
    const { configurationSet } = request;
    if (request.destination.length === 0) throw failure("InvalidParameterValue", "Missing final recipient.");
    if (configurationSet !== undefined && !assembly.configurationSets.some(({ name }) => name === configurationSet)) {
      throw failure("ConfigurationSetDoesNotExist", `Configuration set <${configurationSet}> does not exist.`);
    }
    const sender = senderAddress(request);
    if (assembly.identities.length > 0 && identityOf(sender, assembly.identities) === undefined) {
      const region = assembly.region.toUpperCase();
      const message = `Email address is not verified. The following identities failed the check in region ${region}: ${sender}`;
      throw failure("MessageRejected", message);
    }
  }

  function sendAccesses(action: string, request: SendRequest): readonly Access[] {
    const sender = senderAddress(request);
    const identity = identityOf(sender, assembly.identities) ?? sender.split("@").at(-1) ?? "";
    const resources = [
      `identity/${identity}`,
      ...(request.configurationSet ? [`configuration-set/${request.configurationSet}`] : []),
    ];
    return resources.map((resource) => ({
      action: `ses:${action}`,
      resource: `arn:aws:ses:${assembly.region}:${assembly.account}:${resource}`,
      context(key) {
        if (key === "ses:fromaddress") return [sender];
        return key === "ses:recipients" ? request.destination : undefined;
      },
    }));
  }

  function quotaAnswer(): Answer {
    const { daily = -1, maxSendRate = 1000 } = mail.quota.limits;
    const figures = `<Max24HourSend>${daily}</Max24HourSend><MaxSendRate>${maxSendRate}</MaxSendRate>`;
    return xml("GetSendQuota", `${figures}<SentLast24Hours>${mail.quota.sentLast24Hours()}</SentLast24Hours>`);
  }

  return {
    async prepare(call) {
      const form = new URLSearchParams(call.body.toString("utf8"));
      const { action } = call;
      if (action === "GetSendQuota") {
        const access = { action: "ses:GetSendQuota", resource: "*", context: () => undefined };
        return { accesses: [access], perform: async () => quotaAnswer() };
      }
      if (action !== "SendEmail" && action !== "SendRawEmail") {
        throw failure(
          "InvalidAction",
          `The action ${action} is not emulated by the local gateway: use SendEmail or SendRawEmail.`,
        );
      }
      const request = await sendRequest(action, form);
      return { accesses: sendAccesses(action, request), perform: () => send(call, request) };
    },
  };
}

/** The verified identity that a sender falls under: its address, its domain or a domain above it. */
function identityOf(sender: string, identities: readonly string[]): string | undefined {
  const address = sender.toLowerCase();
  const domain = address.split("@").at(-1) ?? "";
  const parents = domain.split(".").map((_, at, labels) => labels.slice(at).join("."));
  return [address, ...parents]
    .map((name) => identities.find((each) => each.toLowerCase() === name))
    .find((found) => found);
}

function failure(code: string, message: string): Refusal {
  return new Refusal(errorAnswer("ses", { status: 400, code, message }));
}

function engineMessage(body: Buffer): string {
  return stringOf(parseObject(body.toString("utf8"))?.detail) ?? "The message could not be taken.";
}

function xml(operation: string, content: string): Answer {
  const id = randomUUID();
  return {
    status: 200,
    headers: { "content-type": "text/xml", "x-amzn-requestid": id },
    body: `<${operation}Response xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><${operation}Result>${content}</${operation}Result><ResponseMetadata><RequestId>${id}</RequestId></ResponseMetadata></${operation}Response>`,
  };
}
