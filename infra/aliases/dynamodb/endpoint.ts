/** Where the table's region answers, unless the environment names another place, as the SDK's own variables do. */
export function dynamoDbEndpoint(environment: NodeJS.ProcessEnv): { readonly url: URL; readonly region: string } {
  const { AWS_REGION: region, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL } = environment;
  if (region === undefined) throw new Error("AWS_REGION is not in the environment.");
  const named = AWS_ENDPOINT_URL_DYNAMODB ?? AWS_ENDPOINT_URL;
  return { url: new URL(named ?? `https://dynamodb.${region}.${suffixOf(region)}`), region };
}

/** Of the partitions that Lambda's templates are deployed to; the isolated ones are in networks of their own. */
function suffixOf(region: string): string {
  if (/^(us-iso|eu-iso|eusc-)/.test(region)) {
    throw new Error(`The endpoint of ${region} is not known: name it by AWS_ENDPOINT_URL_DYNAMODB.`);
  }
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}
