import * as z from "zod";
import { defineResource, flag, type Identity, type ResourceType } from "../resource.ts";

const setProperties = z.strictObject({ Name: z.optional(z.string()) });
const setName = (it: z.infer<typeof setProperties>, identity: Identity) => it.Name ?? identity.generatedName(64);

const configurationSet = defineResource({
  type: "AWS::SES::ConfigurationSet",
  properties: setProperties,
  ignored: {
    DeliveryOptions: "no mail leaves the machine",
    ReputationOptions: "there is no reputation to measure",
    SendingOptions: "no mail leaves the machine",
    SuppressionOptions: "the account's suppression list is empty here",
    TrackingOptions: "opens and clicks are made on request, links are not rewritten",
    VdmOptions: "no insights are collected",
    ArchivingOptions: "the host keeps every mail",
    Tags: "tags change nothing at run time",
  },
  ref: setName,
  collect: (it, identity, parts) => parts.configurationSets.push(setName(it, identity)),
});

const eventDestination = defineResource({
  type: "AWS::SES::ConfigurationSetEventDestination",
  properties: z.strictObject({
    ConfigurationSetName: z.string(),
    EventDestination: z.strictObject({
      Name: z.optional(z.string()),
      Enabled: z._default(flag, false),
      MatchingEventTypes: z.array(z.string()),
      EventBridgeDestination: z.strictObject({ EventBusArn: z.string() }),
    }),
  }),
  ref: (_, identity) => identity.generatedName(64),
  collect: (it, _, parts) =>
    parts.eventDestinations.push({
      configurationSet: it.ConfigurationSetName,
      destination: {
        enabled: it.EventDestination.Enabled,
        types: it.EventDestination.MatchingEventTypes,
        eventBusArn: it.EventDestination.EventBridgeDestination.EventBusArn,
      },
    }),
});

const identityProperties = z.strictObject({ EmailIdentity: z.string() });
type IdentityProperties = z.infer<typeof identityProperties>;

/** DNS records that AWS would ask for; nobody looks them up here. */
const dkim = Object.fromEntries(
  [1, 2, 3].flatMap((n) => [
    [`DkimDNSTokenName${n}`, (it: IdentityProperties) => `local${n}._domainkey.${it.EmailIdentity}`],
    [`DkimDNSTokenValue${n}`, () => `local${n}.dkim.amazonses.com`],
  ]),
);

const emailIdentity = defineResource({
  type: "AWS::SES::EmailIdentity",
  properties: identityProperties,
  ignored: {
    ConfigurationSetAttributes: "senders name their configuration set",
    DkimAttributes: "no mail leaves the machine",
    DkimSigningAttributes: "no mail leaves the machine",
    FeedbackAttributes: "feedback comes as events",
    MailFromAttributes: "no mail leaves the machine",
    Tags: "tags change nothing at run time",
  },
  ref: (it) => it.EmailIdentity,
  attributes: {
    ...dkim,
    EmailIdentityArn: (it, identity) => identity.arn("ses", `identity/${it.EmailIdentity}`),
  },
  collect: (it, _, parts) => parts.identities.push(it.EmailIdentity),
});

export const ses: readonly ResourceType[] = [configurationSet, eventDestination, emailIdentity];
