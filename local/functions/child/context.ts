import { performance } from "node:perf_hooks";
import type { Invocation } from "../messages.ts";

/** The context object of Lambda's Node runtime. Remaining time runs on real time: the host's steps do not eat it. */
export function createContext(invocation: Invocation): object {
  const deadline = performance.now() + invocation.timeoutMs;
  const { env } = process;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: invocation.functionArn,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: invocation.requestId,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, Math.ceil(deadline - performance.now())),
  };
}
