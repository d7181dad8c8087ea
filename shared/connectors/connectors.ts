import * as z from "zod/mini";
import type { Connector } from "./connector.ts";
import { shopify } from "./shopify.ts";
import { stripe } from "./stripe.ts";
import { woocommerce } from "./woocommerce.ts";

export const connectorNames = ["shopify", "woocommerce", "stripe"] as const;
export const connectorNameSchema = z.enum(connectorNames);
export type ConnectorName = z.infer<typeof connectorNameSchema>;

/** Every sender whose webhooks are understood. */
export const connectors: Readonly<Record<ConnectorName, Connector>> = { shopify, woocommerce, stripe };
