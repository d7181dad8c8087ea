import * as z from "zod";
import { defineResource, flag, type Identity, type ResourceType } from "../resource.ts";

const signIn = "development users sign in with a click, so accounts have no settings";
const poolId = (_: unknown, identity: Identity) => `${identity.region}_${identity.generatedId(9)}`;

const userPool = defineResource({
  type: "AWS::Cognito::UserPool",
  properties: z.strictObject({ UserPoolName: z.optional(z.string()) }),
  ignored: {
    AccountRecoverySetting: signIn,
    AdminCreateUserConfig: signIn,
    AliasAttributes: signIn,
    AutoVerifiedAttributes: signIn,
    DeletionProtection: "nothing deletes the pool here",
    DeviceConfiguration: signIn,
    EmailConfiguration: signIn,
    EmailVerificationMessage: signIn,
    EmailVerificationSubject: signIn,
    EnabledMfas: signIn,
    MfaConfiguration: signIn,
    Policies: signIn,
    Schema: signIn,
    SmsConfiguration: signIn,
    SmsVerificationMessage: signIn,
    UserAttributeUpdateSettings: signIn,
    UsernameAttributes: signIn,
    UsernameConfiguration: signIn,
    UserPoolAddOns: signIn,
    UserPoolTags: "tags change nothing at run time",
    UserPoolTier: "tiers only change the bill",
    VerificationMessageTemplate: signIn,
    WebAuthnRelyingPartyID: signIn,
    WebAuthnUserVerification: signIn,
  },
  ref: poolId,
  attributes: {
    Arn: (it, identity) => identity.arn("cognito-idp", `userpool/${poolId(it, identity)}`),
    ProviderName: (it, identity) => `cognito-idp.${identity.region}.amazonaws.com/${poolId(it, identity)}`,
    ProviderURL: (_, identity) => identity.urls.oidcIssuer,
    UserPoolId: poolId,
  },
  collect: (it, identity, parts) => parts.userPools.push({ id: poolId(it, identity) }),
});

const texts = z._default(z.array(z.string()), []);
const clientId = (_: unknown, identity: Identity) => identity.generatedId(26);

const client = defineResource({
  type: "AWS::Cognito::UserPoolClient",
  properties: z.strictObject({
    UserPoolId: z.string(),
    AllowedOAuthScopes: texts,
    CallbackURLs: texts,
    LogoutURLs: texts,
    GenerateSecret: z.optional(flag.refine((secret) => !secret, "only public clients sign in here")),
    AllowedOAuthFlows: z.optional(z.array(z.literal("code", "only the code flow runs here"))),
  }),
  ignored: {
    AccessTokenValidity: "development tokens last an hour",
    AllowedOAuthFlowsUserPoolClient: "sign-in always goes through the pages of the pool",
    AuthSessionValidity: signIn,
    ClientName: "a note to people",
    DefaultRedirectURI: "a sign-in names its redirect",
    EnableTokenRevocation: "refresh tokens can always be revoked here",
    ExplicitAuthFlows: signIn,
    IdTokenValidity: "development tokens last an hour",
    PreventUserExistenceErrors: signIn,
    ReadAttributes: signIn,
    RefreshTokenRotation: "refresh tokens rotate",
    RefreshTokenValidity: "development tokens last an hour",
    SupportedIdentityProviders: signIn,
    TokenValidityUnits: "development tokens last an hour",
    WriteAttributes: signIn,
  },
  ref: clientId,
  attributes: { ClientId: clientId },
  collect: (it, identity, parts) =>
    parts.userPoolClients.push({
      poolId: it.UserPoolId,
      id: clientId(it, identity),
      scopes: it.AllowedOAuthScopes,
      callbackUrls: it.CallbackURLs,
      logoutUrls: it.LogoutURLs,
    }),
});

const domain = defineResource({
  type: "AWS::Cognito::UserPoolDomain",
  properties: z.strictObject({ UserPoolId: z.string(), Domain: z.string() }),
  ignored: {
    CustomDomainConfig: "the sign-in page has its local address",
    ManagedLoginVersion: "the host shows its own page",
  },
  ref: (it) => it.Domain,
  collect: (it, _, parts) => parts.userPoolDomains.push({ poolId: it.UserPoolId, domain: it.Domain }),
});

const resourceServer = defineResource({
  type: "AWS::Cognito::UserPoolResourceServer",
  properties: z.strictObject({ UserPoolId: z.string(), Identifier: z.string() }),
  ignored: { Name: "a note to people", Scopes: "the scopes that count are those that the client is allowed" },
  ref: (it) => it.Identifier,
});

const group = defineResource({
  type: "AWS::Cognito::UserPoolGroup",
  properties: z.strictObject({ UserPoolId: z.string(), GroupName: z.string() }),
  ignored: {
    Description: "a note to people",
    Precedence: "groups carry no role here",
    RoleArn: "groups carry no role here",
  },
  ref: (it) => it.GroupName,
  collect: (it, _, parts) => parts.userPoolGroups.push({ poolId: it.UserPoolId, name: it.GroupName }),
});

export const cognito: readonly ResourceType[] = [userPool, client, domain, resourceServer, group];
