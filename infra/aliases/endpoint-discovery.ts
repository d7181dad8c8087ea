/**
 * Stands for `@aws-sdk/middleware-endpoint-discovery` in the bundles. The client of DynamoDB configures it, but no command
 * of DynamoDB carries its middleware, so its cache of endpoints is 8 KB that nothing reads.
 */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: false,
};

/** Leaves the configuration as it is, and refuses one that asks for discovery. */
export function resolveEndpointDiscoveryConfig<Config extends { readonly endpointDiscoveryEnabled?: unknown }>(
  config: Config,
): Config {
  if (config.endpointDiscoveryEnabled) {
    throw new Error("Endpoint discovery is left out of the bundles: see infra/aliases/endpoint-discovery.ts.");
  }
  return config;
}
