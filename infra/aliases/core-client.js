/**
 * Stands for `@aws-sdk/core/client` in the bundles: the same exports of the same modules, as far as clients ask for them,
 * without one that takes effect where it is only imported: `util-endpoints/aws.js` would bring the tables and the rules of
 * endpoints, 15 KB, to each bundle with `@aws-sdk/lib-dynamodb`, which asks for `setFeature` alone. A client that needs its
 * effect (the functions of endpoint rules) has it by its own `endpointResolver.js`.
 */
import { isVirtualHostableS3Bucket } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/isVirtualHostableS3Bucket.js";
import { parseArn } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/parseArn.js";
import { partition } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partition.js";

export const awsEndpointFunctions = { isVirtualHostableS3Bucket, parseArn, partition };

export { emitWarningIfUnsupportedVersion } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/emitWarningIfUnsupportedVersion.js";
export { getDefaultSocketTimeout } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/getDefaultSocketTimeout.js";
export { getLongPollPlugin } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/longPollMiddleware.js";
export {
  getHostHeaderPlugin,
  resolveHostHeaderConfig,
} from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/middleware-host-header/hostHeaderMiddleware.js";
export { getLoggerPlugin } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/middleware-logger/loggerMiddleware.js";
export { getRecursionDetectionPlugin } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/middleware-recursion-detection/getRecursionDetectionPlugin.js";
export { resolveUserAgentConfig } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/middleware-user-agent/configurations.js";
export { getUserAgentPlugin } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/middleware-user-agent/user-agent-middleware.js";
export {
  getAwsRegionExtensionConfiguration,
  resolveAwsRegionExtensionConfiguration,
} from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/region-config-resolver/extensions.js";
export { setCredentialFeature } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/setCredentialFeature.js";
export { setFeature } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/setFeature.js";
export { createDefaultUserAgentProvider } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-user-agent-node/defaultUserAgent.js";
export { NODE_APP_ID_CONFIG_OPTIONS } from "../../node_modules/@aws-sdk/core/dist-es/submodules/client/util-user-agent-node/nodeAppIdConfigOptions.js";
