import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { JwtAuthorizerModel } from "../assembly/model.ts";
import { type ApiAnswer, gatewayAnswer } from "./answer.ts";
import { claimsAsStrings } from "./claims.ts";

export interface Authorized {
  readonly claims: Readonly<Record<string, string>>;
  /** The token's scopes where the route asks for some; null where it asks for none. */
  readonly scopes: readonly string[] | null;
}

export interface AuthorizeInput {
  readonly authorizer: JwtAuthorizerModel;
  /** Scopes of the route: one of them is enough. */
  readonly scopes: readonly string[];
  readonly authorization: string | undefined;
  readonly keys: JWTVerifyGetKey;
  readonly now: number;
}

/** HTTP APIs take RSA signatures only. */
const ALGORITHMS = ["RS256", "RS384", "RS512"];

/** Decides like the JWT authorizer of an HTTP API: what the function may know, or the gateway's refusal. */
export async function authorize(input: AuthorizeInput): Promise<{ allowed: Authorized } | { refused: ApiAnswer }> {
  const token = input.authorization?.replace(/^Bearer\s+/i, "").trim();
  if (token === undefined || token === "") return { refused: unauthorized("Bearer") };
  try {
    const claims = await verify(token, input);
    const scopes = scopesOf(claims);
    const asked = input.scopes.length > 0;
    if (asked && !input.scopes.some((scope) => scopes.includes(scope))) return { refused: forbidden(input.scopes) };
    return { allowed: { claims: claimsAsStrings(claims), scopes: asked ? scopes : null } };
  } catch (error) {
    return { refused: unauthorized(`Bearer scope="" error="invalid_token" error_description="${describe(error)}"`) };
  }
}

async function verify(token: string, { authorizer, keys, now }: AuthorizeInput): Promise<JWTPayload> {
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    algorithms: ALGORITHMS,
    issuer: authorizer.issuer,
    currentDate: new Date(now),
    requiredClaims: ["exp"],
  });
  if (protectedHeader.kid === undefined) throw new Refusal("the token does not name its key");
  if (payload.iat !== undefined && payload.iat * 1_000 > now) throw new Refusal("the token is issued in the future");
  if (!audiencesOf(payload).some((audience) => authorizer.audiences.includes(audience))) {
    throw new Refusal("the token does not have a valid audience");
  }
  return payload;
}

/** `client_id` counts only where `aud` is absent, as in access tokens of Cognito. */
function audiencesOf(payload: JWTPayload): readonly string[] {
  const audience = payload.aud ?? payload.client_id;
  return [audience].flat().filter((one) => typeof one === "string");
}

function scopesOf(payload: JWTPayload): readonly string[] {
  const given = payload.scope ?? payload.scp;
  if (Array.isArray(given)) return given.filter((scope) => typeof scope === "string");
  return typeof given === "string" ? given.split(" ").filter((scope) => scope !== "") : [];
}

class Refusal extends Error {}

function describe(error: unknown): string {
  if (error instanceof Refusal) return error.message;
  if (error instanceof errors.JWTExpired) return "the token has expired";
  if (error instanceof errors.JWTClaimValidationFailed) return claimFault(error.claim);
  if (error instanceof errors.JOSEAlgNotAllowed) return "the token has an invalid signing method";
  if (error instanceof errors.JWSSignatureVerificationFailed) return "signature is invalid";
  if (error instanceof errors.JWKSNoMatchingKey) return "unable to find a key that matches the token";
  if (error instanceof errors.JOSEError) return "the token is malformed";
  return "OIDC discovery endpoint communication error";
}

function claimFault(claim: string): string {
  if (claim === "iss") return "the token does not have a valid issuer";
  if (claim === "nbf") return "the token is not yet valid";
  return `the token does not have a valid ${claim}`;
}

const unauthorized = (challenge: string): ApiAnswer =>
  gatewayAnswer(401, "Unauthorized", { "www-authenticate": challenge });

function forbidden(scopes: readonly string[]): ApiAnswer {
  const challenge = `Bearer scope="${scopes.join(" ")}" error="insufficient_scope"`;
  return gatewayAnswer(403, "Forbidden", { "www-authenticate": challenge });
}
