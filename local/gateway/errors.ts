import { randomUUID } from "node:crypto";
import type { Answer, ServiceName } from "./call.ts";
import type { Json } from "./json.ts";

/** Errors in the form in which each service sends them, so that its SDK client finds name and message. */

export interface ServiceError {
  readonly status: number;
  /** The error's name as the SDK shows it. */
  readonly code: string;
  readonly message: string;
  /** Further members of a JSON error. */
  readonly details?: Readonly<Record<string, Json>>;
}

/** Names that come from AWS's shared front end, not from the service's own model. */
const FRONT_END = new Set([
  "AccessDeniedException",
  "UnrecognizedClientException",
  "MissingAuthenticationTokenException",
  "SerializationException",
  "UnknownOperationException",
]);

export function errorAnswer(service: ServiceName, error: ServiceError): Answer {
  return service === "ses" ? xmlError(error) : jsonError(service, error);
}

/** Who calls, what was asked and why it was refused: AWS's own wording. */
export function accessDenied(
  service: ServiceName,
  denial: { readonly user: string; readonly action: string; readonly resource: string; readonly explicit: boolean },
): ServiceError {
  const { user, action, resource, explicit } = denial;
  if (service === "ses") {
    const message = `User \`${user}' is not authorized to perform \`${action}' on resource \`${resource}'`;
    return { status: 403, code: "AccessDenied", message };
  }
  // SQS writes the action in lower case.
  const shown = service === "sqs" ? action.toLowerCase() : action;
  const why = explicit
    ? "with an explicit deny in an identity-based policy"
    : `because no identity-based policy allows the ${shown} action`;
  const message = `User: ${user} is not authorized to perform: ${shown} on resource: ${resource} ${why}`;
  return { status: service === "sqs" ? 403 : 400, code: "AccessDeniedException", message };
}

/** The access key is not one that this gateway issued. */
export function unknownClient(service: ServiceName): ServiceError {
  const message = "The security token included in the request is invalid.";
  return service === "dynamodb"
    ? { status: 400, code: "UnrecognizedClientException", message }
    : { status: 403, code: "InvalidClientTokenId", message };
}

export function throttled(service: ServiceName): ServiceError {
  switch (service) {
    case "dynamodb":
      return {
        status: 400,
        code: "ProvisionedThroughputExceededException",
        message:
          "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.",
      };
    case "sqs":
      return { status: 403, code: "RequestThrottled", message: "Request is throttled." };
    case "ses":
      return { status: 400, code: "Throttling", message: "Maximum sending rate exceeded." };
    case "secretsmanager":
      return { status: 400, code: "ThrottlingException", message: "Rate exceeded" };
  }
}

/** Another transaction holds the item; a transaction reports it for its first item. */
export function conflict(action: string, items: number): ServiceError {
  const message = "Transaction is ongoing for the item";
  if (!action.startsWith("Transact")) return { status: 400, code: "TransactionConflictException", message };
  const reasons = Array.from({ length: Math.max(1, items) }, (_, at) =>
    at === 0 ? { Code: "TransactionConflict", Message: message } : { Code: "None" },
  );
  const codes = reasons.map(({ Code }) => Code).join(", ");
  return {
    status: 400,
    code: "TransactionCanceledException",
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    details: { CancellationReasons: reasons },
  };
}

export function internalError(service: ServiceName): ServiceError {
  return {
    status: 500,
    code: service === "dynamodb" ? "InternalServerError" : "InternalFailure",
    message: "The request processing has failed because of an unknown error, exception or failure.",
  };
}

/** Before an error's name. Secrets Manager sends the bare name. */
const SPACES = {
  dynamodb: "com.amazonaws.dynamodb.v20120810#",
  sqs: "com.amazonaws.sqs#",
  secretsmanager: "",
} as const;

function jsonError(service: Exclude<ServiceName, "ses">, { status, code, message, details }: ServiceError): Answer {
  const space = FRONT_END.has(code) && service !== "secretsmanager" ? "com.amazon.coral.service#" : SPACES[service];
  const fault = status >= 500 ? "Receiver" : "Sender";
  return {
    status,
    headers: {
      "content-type": `application/x-amz-json-${service === "secretsmanager" ? "1.1" : "1.0"}`,
      "x-amzn-requestid": randomUUID(),
      ...(service === "sqs" ? { "x-amzn-query-error": `${code.replace(/Exception$/, "")};${fault}` } : {}),
    },
    body: JSON.stringify({ __type: `${space}${code}`, message, ...details }),
  };
}

function xmlError({ status, code, message }: ServiceError): Answer {
  const id = randomUUID();
  const type = status >= 500 ? "Receiver" : "Sender";
  return {
    status,
    headers: { "content-type": "text/xml", "x-amzn-requestid": id },
    body: `<ErrorResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/"><Error><Type>${type}</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error><RequestId>${id}</RequestId></ErrorResponse>`,
  };
}

export function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
