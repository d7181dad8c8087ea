import { type App, Aws, CfnOutput, Duration, RemovalPolicy } from "aws-cdk-lib";
import {
  AccountRecovery,
  CfnUserPoolGroup,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
} from "aws-cdk-lib/aws-cognito";
import { type Config, keepsData } from "../config-schema.ts";
import { acknowledge } from "../constructs/acknowledge.ts";
import { namesOf } from "../names.ts";
import { RapportStack } from "./rapport-stack.ts";

/** Who a person is: the router of the staff API decides by these groups. */
const groups = ["admin", "manager", "marketer", "sales", "support", "partner"];

/** What a token may be used for: the gateway decides by these scopes. */
const scopes = {
  read: "Read records and figures",
  write: "Change records",
  admin: "Manage access and settings",
};

/** Sign-in of the staff. */
export class IdentityStack extends RapportStack {
  readonly pool: UserPool;
  readonly issuer: string;
  /** Origin of the sign-in pages and of the token endpoint. */
  readonly tokenOrigin: string;
  /** What a client may ask for. */
  readonly scopes: readonly OAuthScope[];

  constructor(app: App, config: Config) {
    super(app, "Identity", "sign-in of the staff", config);
    const { prefix } = namesOf(config);
    const pool = new UserPool(this, "Staff", {
      userPoolName: prefix,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      enableSmsRole: false,
      mfa: keepsData(config) ? Mfa.REQUIRED : Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      deletionProtection: keepsData(config),
      removalPolicy: keepsData(config) ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(pool, {
      "AwsSolutions-COG8": "The Plus tier costs per user and month; staff are invited, and have a second factor.",
    });
    if (!keepsData(config)) {
      acknowledge(pool, { "AwsSolutions-COG2": "Optional in the development stage, required in every other." });
    }
    for (const groupName of groups) {
      new CfnUserPoolGroup(this, `Group-${groupName}`, { userPoolId: pool.userPoolId, groupName });
    }
    const resourceScopes = Object.entries(scopes).map(
      ([scopeName, scopeDescription]) => new ResourceServerScope({ scopeName, scopeDescription }),
    );
    const server = pool.addResourceServer("Api", { identifier: "rapport", scopes: resourceScopes });
    // Scopes of a resource server are given out by a domain's token endpoint only.
    const domain = pool.addDomain("Domain", { cognitoDomain: { domainPrefix: `${prefix}-${Aws.ACCOUNT_ID}` } });
    this.pool = pool;
    this.issuer = pool.userPoolProviderUrl;
    this.tokenOrigin = domain.baseUrl();
    this.scopes = [
      OAuthScope.OPENID,
      OAuthScope.EMAIL,
      OAuthScope.PROFILE,
      ...resourceScopes.map((scope) => OAuthScope.resourceServer(server, scope)),
    ];
    new CfnOutput(this, "UserPoolId", { value: pool.userPoolId });
  }
}
