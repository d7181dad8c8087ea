import { Client, constructStack } from "@smithy/core/client";
import { getRetryPlugin } from "@smithy/core/retry";
import type { HttpRequest, HttpResponse } from "@smithy/core/transport";
import { NodeHttpHandler, type NodeHttpHandlerOptions } from "@smithy/node-http-handler";
import type { MiddlewareStack } from "@smithy/types";
import { environmentCredentials } from "../credential-provider.ts";
import { dynamoDbEndpoint } from "./endpoint.ts";
import { readAnswer, writeRequest } from "./json.ts";
import { createSigner } from "./signer.ts";

export {
  ConditionalCheckFailedException,
  TransactionCanceledException,
} from "../../../node_modules/@aws-sdk/client-dynamodb/dist-es/models/errors.js";

interface Settings {
  readonly retryStrategy: { maxAttempts(): Promise<number> };
  readonly requestHandler?: NodeHttpHandlerOptions;
}

interface Arguments {
  readonly input: object;
  readonly request: HttpRequest;
}

interface Result {
  readonly response: HttpResponse;
  readonly output?: object;
}

type Handler = (args: Arguments) => Promise<Result>;

/** What a command tells the client's middleware of itself. */
interface Context {
  readonly operation: string;
}

/** The SDK types middleware by the shapes of one service's commands; ours is the same for all. */
const middleware = (handle: (next: Handler, context: Context) => Handler) => handle as never;

/**
 * Stands for `@aws-sdk/client-dynamodb` in the bundles: a client for `@aws-sdk/lib-dynamodb`, put together from the SDK's
 * own parts (middleware, retries, connections, errors) as far as a function on Lambda needs one. See docs/adr/0028.
 *
 * @throws Error at a setting that it does not know.
 */
export class DynamoDBClient extends Client<object, object, never, never> {
  constructor({ retryStrategy, requestHandler, ...others }: Settings) {
    for (const setting of Object.keys(others)) {
      throw new Error(`${setting} is left out of the bundled client: see infra/aliases/dynamodb/client.ts.`);
    }
    super({ requestHandler: NodeHttpHandler.create(requestHandler), apiVersion: "2012-08-10" } as never);
    const { url, region } = dynamoDbEndpoint(process.env);
    const sign = createSigner({ service: "dynamodb", region, credentials: environmentCredentials() });
    const retries = { retryStrategy: async () => retryStrategy, maxAttempts: () => retryStrategy.maxAttempts() };

    this.middlewareStack.add(
      middleware((next, { operation }) => async (args) => {
        return next({ ...args, request: writeRequest(url, operation, args.input) });
      }),
      { name: "serializerMiddleware", step: "serialize" },
    );
    this.middlewareStack.use(getRetryPlugin(retries as never) as never);
    this.middlewareStack.add(
      middleware((next) => async (args) => {
        sign(args.request, new Date());
        return next(args);
      }),
      { name: "httpSigningMiddleware", step: "finalizeRequest" },
    );
    this.middlewareStack.add(
      middleware((next) => async (args) => {
        const { response } = await next(args);
        return { response, output: await readAnswer(response) };
      }),
      { name: "deserializerMiddleware", step: "deserialize" },
    );
  }
}

/** A command as `@aws-sdk/lib-dynamodb` wraps it: an input, middleware of its own, and how both become a handler. */
function command(operation: string) {
  return class {
    readonly middlewareStack = constructStack();
    readonly input: object;

    constructor(input: object) {
      this.input = input;
    }

    resolveMiddleware(
      client: MiddlewareStack<object, object>,
      { requestHandler }: { requestHandler: NodeHttpHandler },
      options?: object,
    ) {
      const send = ({ request }: { request: HttpRequest }) => requestHandler.handle(request as never, options);
      return client.concat(this.middlewareStack).resolve(send as never, { operation } as never);
    }
  };
}

export const BatchExecuteStatementCommand = /* @__PURE__ */ command("BatchExecuteStatement");
export const BatchGetItemCommand = /* @__PURE__ */ command("BatchGetItem");
export const BatchWriteItemCommand = /* @__PURE__ */ command("BatchWriteItem");
export const DeleteItemCommand = /* @__PURE__ */ command("DeleteItem");
export const DescribeExportCommand = /* @__PURE__ */ command("DescribeExport");
export const ExecuteStatementCommand = /* @__PURE__ */ command("ExecuteStatement");
export const ExecuteTransactionCommand = /* @__PURE__ */ command("ExecuteTransaction");
export const ExportTableToPointInTimeCommand = /* @__PURE__ */ command("ExportTableToPointInTime");
export const GetItemCommand = /* @__PURE__ */ command("GetItem");
export const PutItemCommand = /* @__PURE__ */ command("PutItem");
export const QueryCommand = /* @__PURE__ */ command("Query");
export const ScanCommand = /* @__PURE__ */ command("Scan");
export const SearchVectorsCommand = /* @__PURE__ */ command("SearchVectors");
export const TransactGetItemsCommand = /* @__PURE__ */ command("TransactGetItems");
export const TransactWriteItemsCommand = /* @__PURE__ */ command("TransactWriteItems");
export const UpdateItemCommand = /* @__PURE__ */ command("UpdateItem");
