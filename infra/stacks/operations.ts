import { type App, Aws } from "aws-cdk-lib";
import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Config } from "../config-schema.ts";
import { acknowledge } from "../constructs/acknowledge.ts";
import { namesOf } from "../names.ts";
import { RapportStack } from "./rapport-stack.ts";

/** How the operator hears of failures and of the bill. */
export class OperationsStack extends RapportStack {
  readonly alarms: Topic;

  constructor(app: App, config: Config) {
    super(app, "Operations", "alarms and the budget", config);
    const names = namesOf(config);
    this.alarms = new Topic(this, "Alarms", { topicName: `${names.prefix}-alarms`, enforceSSL: true });
    // An explicit policy takes the place of the default one, which had let the account's alarms publish.
    this.alarms.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisAccount",
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.alarms.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    );
    this.alarms.addSubscription(new EmailSubscription(config.operatorEmail));
    acknowledge(this.alarms, {
      "Serverless-SNSRedrivePolicy": "An e-mail subscription; an alarm that could not be mailed stays red on its page.",
    });
    new CfnBudget(this, "Budget", {
      budget: {
        budgetName: names.prefix,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: config.budgetDollars, unit: "USD" },
      },
      notificationsWithSubscribers: [
        warning("ACTUAL", 80, config.operatorEmail),
        warning("FORECASTED", 100, config.operatorEmail),
      ],
    });
  }
}

function warning(notificationType: "ACTUAL" | "FORECASTED", threshold: number, address: string) {
  return {
    notification: { notificationType, comparisonOperator: "GREATER_THAN", threshold, thresholdType: "PERCENTAGE" },
    subscribers: [{ subscriptionType: "EMAIL", address }],
  };
}
