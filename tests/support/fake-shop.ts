import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import * as z from "zod";
import type { AskShop, ShopRequest } from "../../shared/connectors/shop-client.ts";

type Order = Readonly<Record<string, unknown>> & { readonly id: string | number };

export interface Customer {
  readonly id: string;
  readonly defaultEmailAddress: { readonly marketingState: string; readonly marketingUpdatedAt: string | null };
}

const graphqlSchema = z.object({
  variables: z.object({
    address: z.string().optional(),
    input: z
      .object({
        customerId: z.string(),
        emailMarketingConsent: z.object({ marketingState: z.string(), consentUpdatedAt: z.string() }),
      })
      .optional(),
  }),
});

/** A shop's API over orders and customers that the test holds: pages by id as Shopify's, or by offset as WooCommerce's. */
export function fakeShop(orders: Order[]) {
  const asked: ShopRequest[] = [];
  const failures: Error[] = [];
  /** Customers of Shopify by address, and what they were made to be. */
  const customers = new Map<string, Customer>();

  const graphql = ({ variables: { address, input } }: z.infer<typeof graphqlSchema>): unknown => {
    if (input === undefined) return { data: { customerByIdentifier: customers.get(address ?? "") ?? null } };
    const { customerId: id, emailMarketingConsent: told } = input;
    const [known] = [...customers].find(([, customer]) => customer.id === id) ?? [];
    if (known === undefined) return { data: withErrors([{ message: "Customer not found" }]) };
    const { marketingState, consentUpdatedAt: marketingUpdatedAt } = told;
    customers.set(known, { id, defaultEmailAddress: { marketingState, marketingUpdatedAt } });
    return { data: withErrors([]) };
  };

  const answer = (url: URL, body: unknown): unknown => {
    if (body !== undefined) return graphql(graphqlSchema.parse(body));
    const query = url.searchParams;
    const byId = orders.toSorted((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
    if (url.pathname.startsWith("/admin/")) {
      const after = BigInt(query.get("since_id") ?? "0");
      return { orders: byId.filter(({ id }) => BigInt(id) > after).slice(0, Number(query.get("limit"))) };
    }
    const offset = Number(query.get("offset"));
    return byId.slice(offset, offset + Number(query.get("per_page")));
  };

  const ask: AskShop = async (request) => {
    asked.push(request);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return answer(new URL(request.url), request.body);
  };

  return { ask, asked, failures, orders, customers };
}

const withErrors = (userErrors: readonly { readonly message: string }[]) => ({
  customerEmailMarketingConsentUpdate: { userErrors },
});

/** The same on this machine. */
export async function startShop(orders: Order[]) {
  const shop = fakeShop(orders);
  const server = createServer(async (request, response) => {
    const { url = "", headers, method } = request;
    const body = method === "POST" ? JSON.parse(await text(request)) : undefined;
    const asked = { url: `http://shop${url}`, headers: { authorization: headers.authorization ?? "" }, body };
    response.end(JSON.stringify(await shop.ask(asked)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const address = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : ""}`;
  return { ...shop, address, close: () => server.closeAllConnections() };
}
