import { createServer } from "node:http";
import type { AskShop, ShopRequest } from "../../shared/connectors/shop-client.ts";

type Order = Readonly<Record<string, unknown>> & { readonly id: string | number };

/** A shop's API over a list of orders that the test holds: pages by id as Shopify's, or by offset as WooCommerce's. */
export function fakeShop(orders: Order[]) {
  const asked: ShopRequest[] = [];
  const failures: Error[] = [];

  const answer = (url: URL): unknown => {
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
    return answer(new URL(request.url));
  };

  return { ask, asked, failures, orders };
}

/** The same on this machine: orders are told with the ids as bare digits, as on the wire. */
export async function startShop(orders: Order[]) {
  const shop = fakeShop(orders);
  const server = createServer(({ url = "", headers }, response) => {
    const answer = shop.ask({ url: `http://shop${url}`, headers: { authorization: headers.authorization ?? "" } });
    void answer.then((body) => response.end(JSON.stringify(body).replaceAll(/"id:(\d+)"/g, "$1")));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  const address = `http://127.0.0.1:${typeof bound === "object" ? bound?.port : ""}`;
  return { ...shop, address, close: () => server.closeAllConnections() };
}
