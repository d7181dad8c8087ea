import type { App, Stack } from "aws-cdk-lib";
import type { Config } from "./config-schema.ts";
import { ApiStack } from "./stacks/api.ts";
import { DataStack } from "./stacks/data.ts";
import { IdentityStack } from "./stacks/identity.ts";
import { MailStack } from "./stacks/mail.ts";
import { MessagingStack } from "./stacks/messaging.ts";
import { OperationsStack } from "./stacks/operations.ts";
import { SchedulesStack } from "./stacks/schedules.ts";

/** All stacks of one stage. */
export function buildRapport(app: App, config: Config): Stack[] {
  const operations = new OperationsStack(app, config);
  const data = new DataStack(app, config);
  const mail = new MailStack(app, config);
  const identity = config.openId === undefined ? new IdentityStack(app, config) : undefined;
  const { alarms } = operations;
  const api = new ApiStack(app, config, identity);
  const messaging = new MessagingStack(app, { config, alarms, publicUrl: api.publicUrl });
  const schedules = new SchedulesStack(app, {
    config,
    alarms,
    queues: messaging.queues,
    kpiHistory: messaging.kpiHistory,
    publicUrl: api.publicUrl,
  });
  // Names stand where references would tell the order (ADR 1).
  for (const user of [api, messaging, schedules]) {
    user.addStackDependency(data);
  }
  messaging.addStackDependency(mail);
  return [operations, data, mail, ...(identity === undefined ? [] : [identity]), api, messaging, schedules];
}
