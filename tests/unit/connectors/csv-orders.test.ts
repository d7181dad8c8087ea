import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { decimalOf } from "../../../shared/connectors/amounts.ts";
import { type OrderFormatName, orderFormats } from "../../../shared/connectors/csv-formats.ts";
import { readOrderFile } from "../../../shared/connectors/csv-orders.ts";
import { mapOrderHistory } from "../../../shared/connectors/shopify-orders.ts";
import { mapOrder } from "../../../shared/connectors/woocommerce-orders.ts";

const now = new Date("2026-03-05T12:00:00.000Z");
const read = (text: string, format: OrderFormatName = "generic", more = {}) =>
  readOrderFile(Buffer.from(text), {
    source: "shop",
    format: orderFormats[format],
    timeZone: "Europe/Berlin",
    now,
    ...more,
  });
const columns = "order_id,email,occurred_at,currency,total,tax,shipping,product_name,quantity,price";
const plain = (...rows: readonly string[]) => read([columns, ...rows].join("\n"));

describe("plain orders", () => {
  it("are what a row says, their lines what the rows with the same number say", () => {
    const { orders, faulty } = plain(
      "1,ada@x.example,2026-03-01,EUR,119.00,19.00,0,Mug,2,25.00",
      "2,bo@x.example,2026-03-02 10:00,JPY,1500,,,,,",
      "1,ada@x.example,2026-03-01,EUR,119.00,19.00,0,Bowl,,50.00",
    );
    expect(faulty).toBe(0);
    expect(orders).toMatchObject([
      { id: "1", at: "2026-02-28T23:00:00.000Z", revenue: { amount: 10000, currency: "EUR" } },
      { id: "2", revenue: { amount: 1500, currency: "JPY" } },
    ]);
    expect(orders[0]?.calls).toMatchObject([
      {
        event: "Order Completed",
        properties: {
          order_id: "1",
          products: [
            { name: "Mug", quantity: 2, price: "25.00" },
            { name: "Bowl", quantity: 1, price: "50.00" },
          ],
        },
        context: { traits: { email: "ada@x.example" } },
      },
    ]);
    expect(orders[1]?.calls[0]).toMatchObject({ properties: { products: [] } });
  });

  it("of nobody are counted, with an account they are somebody's", () => {
    const { orders, guests } = read(
      "Order ID;E-Mail;Customer-ID;Date;Currency;Revenue\n1;;;2026-03-01;EUR;1\n2;;77;2026-03-01;EUR;1",
    );
    expect([guests, orders.length, orders[0]?.calls[0]?.userId]).toEqual([1, 1, "77"]);
  });

  it("that were refunded and cancelled say so, of revenue the same share as of the total", () => {
    const { orders } = read(
      "order_id,email,occurred_at,currency,revenue,total,refunded,refunded_at,cancelled_at\n1,ada@x.example,2026-03-01,EUR,100,125,50,2026-03-03,2026-03-04",
    );
    expect(orders[0]?.calls.slice(1)).toMatchObject([
      {
        event: "Order Refunded",
        timestamp: "2026-03-02T23:00:00.000Z",
        properties: { refund_id: "sum", revenue: "40.00" },
      },
      { event: "Order Cancelled", timestamp: "2026-03-03T23:00:00.000Z", properties: { revenue: "100.00" } },
    ]);
  });

  it("have the currency that is given with the file", () => {
    const text = "order_id,email,occurred_at,total\n1,a@x.example,2026-03-01,5";
    expect(read(text, "generic", { currency: "USD" }).orders[0]?.revenue).toEqual({ amount: 500, currency: "USD" });
    expect(() => read(text)).toThrow("no column currency");
  });

  it.each([
    ["an address that is none", "1,nobody,2026-03-01,EUR,5,,,,,", 2, "email", /e-mail address/],
    ["a formula for an address", "1,=HYPERLINK(1),2026-03-01,EUR,5,,,,,", 2, "email", /e-mail address/],
    ["no time", "1,a@x.example,,EUR,5,,,,,", 2, "occurred_at", /when it was ordered/],
    ["a time to come", "1,a@x.example,2027-03-01,EUR,5,,,,,", 2, "occurred_at", /ahead of our clock/],
    ["a time long gone", "1,a@x.example,1969-03-01,EUR,5,,,,,", 2, "occurred_at", /1970/],
    ["a currency that is none", "1,a@x.example,2026-03-01,EURO,5,,,,,", 2, "currency", /ISO 4217/],
    ["an amount that may be two", '1,a@x.example,2026-03-01,EUR,"1,234",,,,,', 2, "total", /may be/],
    ["no amount", "1,a@x.example,2026-03-01,EUR,,,,,,", 2, "total", /send revenue/],
    ["an amount beyond all", "1,a@x.example,2026-03-01,EUR,99999999999999999,,,,,", 2, "total", /not an amount/],
    ["a number that a spreadsheet wrote", "5.01E+12,a@x.example,2026-03-01,EUR,5,,,,,", 2, "order_id", /spreadsheet/],
    ["no number", ",a@x.example,2026-03-01,EUR,5,,,,,", 2, "order_id", /which order/],
    ["a quantity that is none", "1,a@x.example,2026-03-01,EUR,5,,,Mug,two,1", 2, "quantity", /no amount/],
    ["a delimiter in a cell", "1,a@x.example,2026-03-01,EUR,5,,,Mug, blue,1,1", 2, undefined, /in quotes/],
    [
      "another total in its second row",
      "1,a@x.example,2026-03-01,EUR,5,,,Mug,1,1\n1,a@x.example,2026-03-01,EUR,6,,,Bowl,1,1",
      3,
      "total",
      /else than row 2/,
    ],
    [
      "a price in its second row that is none",
      "1,a@x.example,2026-03-01,EUR,5,,,Mug,1,1\n1,,,,,,,Bowl,1,free",
      3,
      "price",
      /no amount/,
    ],
  ])("with %s are named by row and column, and the others are read", (_, rows, row, column, message) => {
    const { faults, faulty, orders } = plain(rows, "99,good@x.example,2026-03-01,EUR,5,,,,,");
    expect(faults).toEqual([{ row, ...(column && { column }), message: expect.stringMatching(message) }]);
    expect([faulty, orders.map(({ id }) => id)]).toEqual([1, ["99"]]);
  });

  it("never repeat an address in a fault", () => {
    const { faults } = plain("1,ada@home,2026-03-01,EUR,5,,,,,");
    expect(JSON.stringify(faults)).not.toContain("ada@home");
  });

  it.each([
    ["that is missing", "order_id,occurred_at,currency,total", /no column email or e_mail/],
    ["that is there twice", `${columns},Total`, /column total twice/],
  ])("with a column %s are refused as a whole", (_, header, problem) => {
    expect(() => read(`${header}\n1,2,3,4`)).toThrow(problem);
  });
});

describe("Shopify's export", () => {
  const header =
    "Name,Email,Financial Status,Paid at,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Refunded Amount,Id,Phone";
  const first = (over: { taxes?: string; total?: string; id?: string; back?: string; cancelled?: string } = {}) =>
    `#1042,nora@buyers.example,paid,2026-03-01 10:00:05 +0100,EUR,20.00,4.90,${over.taxes ?? "4.73"},${over.total ?? "29.63"},WELCOME,5.00,2026-03-01 10:00:05 +0100,2,"Blue mug - Large, dishwasher safe",12.50,MUG-BLUE,${over.cancelled ?? ""},${over.back ?? "0.00"},${over.id ?? "9182736455463728199"},`;
  const second = "#1042,,,,,,,,,,,,1,Bowl,7.00,BOWL,,,,";

  it("says the same as Shopify's API: one order under its own id, with its lines", () => {
    const { orders, faults } = read([header, first(), second].join("\n"), "shopify");
    expect(faults).toEqual([]);
    const [api] =
      mapOrderHistory({
        id: "9182736455463728199",
        name: "#1042",
        email: "nora@buyers.example",
        currency: "EUR",
        subtotal_price: "20.00",
        total_price: "29.63",
        total_tax: "4.73",
        total_discounts: "5.00",
        total_shipping_price_set: { shop_money: { amount: "4.90", currency_code: "EUR" } },
        discount_codes: [{ code: "WELCOME" }],
        created_at: "2026-03-01T10:00:05+01:00",
        line_items: [
          { sku: "MUG-BLUE", quantity: 2, price: "12.50" },
          { sku: "BOWL", quantity: 1, price: "7.00" },
        ],
      })?.calls ?? [];
    const said = (call: unknown) => {
      const { event, timestamp, properties } = call as { event: string; timestamp: string; properties: object };
      const { order_id, order_name, currency, revenue, total, tax, shipping, discount, coupon } = properties as Record<
        string,
        unknown
      >;
      return { event, timestamp, order_id, order_name, currency, revenue, total, tax, shipping, discount, coupon };
    };
    expect(said(orders[0]?.calls[0])).toEqual(said(api));
    expect(orders[0]?.calls[0]).toMatchObject({
      properties: { products: [{ sku: "MUG-BLUE", quantity: 2 }, { sku: "BOWL" }] },
    });
  });

  it.each([
    ["on top of the prices", { taxes: "4.73", total: "29.63" }, 2000],
    ["in the prices: the part on shipping is not the lines'", { taxes: "3.98", total: "24.90" }, 1680],
    ["none", { taxes: "0.00", total: "24.90" }, 2000],
  ])("tells revenue without tax that is %s", (_, over, amount) => {
    expect(read([header, first(over)].join("\n"), "shopify").orders[0]?.revenue).toEqual({ amount, currency: "EUR" });
  });

  it("tells what was given back and when it was cancelled", () => {
    const row = first({ back: "29.63", cancelled: "2026-03-02 09:00:00 +0100" });
    expect(read([header, row].join("\n"), "shopify").orders[0]?.calls).toMatchObject([
      { event: "Order Completed" },
      { event: "Order Refunded", timestamp: "2026-03-02T08:00:00.000Z", properties: { revenue: "20.00" } },
      { event: "Order Cancelled", timestamp: "2026-03-02T08:00:00.000Z" },
    ]);
  });

  it("is told by the columns that Shopify writes, in their order", () => {
    const names =
      "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment Terms Name,Next Payment Due At,Payment References";
    const told: Readonly<Record<string, string>> = {
      ...{ Name: "#7", Email: "ada@x.example", Currency: "JPY", Subtotal: "1500", Taxes: "0", Total: "1500", Id: "77" },
      ...{
        "Created at": "2026-03-01 10:00:05 +0900",
        "Lineitem quantity": "1",
        "Lineitem name": "Bowl",
        Notes: "a\nb",
      },
    };
    const csv = Papa.unparse({ fields: names.split(","), data: [names.split(",").map((name) => told[name] ?? "")] });
    expect(read(csv, "shopify").orders).toMatchObject([
      { id: "77", at: "2026-03-01T01:00:05.000Z", revenue: { amount: 1500, currency: "JPY" } },
    ]);
  });

  it("that a spreadsheet has changed is refused, not guessed", () => {
    expect(read([header, first({ id: "9.18274E+18" })].join("\n"), "shopify").faults).toMatchObject([
      { row: 2, column: "Id", message: expect.stringContaining("as it was exported") },
    ]);
    expect(() => read(columns, "shopify")).toThrow("no column id");
  });
});

describe("WooCommerce's export", () => {
  const header =
    "order_id,order_number,date,status,shipping_total,tax_total,order_total,refunded_total,order_currency,customer_id,billing_email,item_product_id,item_name,item_sku,item_quantity,item_total";
  const row = (status: string, item = "11,Mug,MUG,2,20.00", id = "727") =>
    `${id},${id},2026-03-01 10:00:00,${status},5.00,4.00,44.00,0,EUR,0,nora@buyers.example,${item}`;

  it("says the same as its API, of paid orders alone", () => {
    const rows = [row("wc-completed"), row("completed", "12,Bowl,BOWL,1,15.00"), row("pending", undefined, "728")];
    const { orders, notPaid, faults } = read([header, ...rows].join("\n").replace("wc-", ""), "woocommerce");
    expect([faults, notPaid, orders.map(({ id }) => id)]).toEqual([[], 1, ["727"]]);
    const [api] =
      mapOrder({
        id: 727,
        number: "727",
        status: "completed",
        currency: "EUR",
        date_paid_gmt: "2026-03-01T09:00:00",
        total: "44.00",
        total_tax: "4.00",
        shipping_total: "5.00",
        customer_id: 0,
        billing: { email: "nora@buyers.example" },
        line_items: [{ total: "20.00" }, { total: "15.00" }],
      })?.calls ?? [];
    const { event, timestamp, userId } = api as { event: string; timestamp: string; userId: string | undefined };
    expect(orders[0]?.calls[0]).toMatchObject({ event, timestamp });
    expect(orders[0]?.calls[0]?.userId).toBe(userId);
    expect(orders[0]?.revenue).toEqual({ amount: 3500, currency: "EUR" });
    expect(api).toMatchObject({ properties: { order_id: "727", revenue: "35.00", total: "44.00" } });
  });
});

it("reads back every order that a program writes, whatever is in its names", () => {
  const currency = fc.constantFrom("EUR", "JPY", "KWD");
  const text = fc
    .string({ unit: "grapheme", maxLength: 12 })
    .map((name) => `x${name.replaceAll(/[\p{C}\uFFFD]/gu, "")}x`);
  const line = fc.record({
    name: text,
    quantity: fc.integer({ min: 1, max: 99 }),
    price: fc.integer({ min: 0, max: 1e7 }),
  });
  const order = fc.record({
    id: fc.stringMatching(/^[A-Z]{1,3}-\d{1,8}$/),
    email: fc.constantFrom("a@x.example", "b@y.example", ""),
    at: fc.date({ min: new Date("2000-01-01"), max: now, noInvalidDate: true }),
    currency,
    revenue: fc.integer({ min: 0, max: 1e9 }),
    lines: fc.array(line, { maxLength: 3 }),
  });
  const writing = fc.record({
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    newline: fc.constantFrom("\n", "\r\n", "\r"),
    quotes: fc.boolean(),
    mark: fc.constantFrom("", "\uFEFF"),
  });
  fc.assert(
    fc.property(fc.uniqueArray(order, { selector: ({ id }) => id, maxLength: 6 }), writing, (orders, style) => {
      const rows = orders.flatMap((each) =>
        (each.lines.length > 0 ? each.lines : [undefined]).map((of) => ({
          order_id: each.id,
          email: each.email,
          occurred_at: each.at.toISOString(),
          currency: each.currency,
          revenue: decimalOf(each.revenue, each.currency),
          product_name: of?.name ?? "",
          quantity: of?.quantity ?? "",
          price: of === undefined ? "" : decimalOf(of.price, each.currency),
        })),
      );
      const fields = "order_id email occurred_at currency revenue product_name quantity price".split(" ");
      const { quotes, mark, ...rest } = style;
      const csv = `${mark}${Papa.unparse({ fields, data: rows }, { ...rest, quotes })}`;
      const file = read(csv, "generic");
      // A dinar has three decimal places, as a group has.
      const isSure = ({ currency: of, revenue, lines }: (typeof orders)[number]) =>
        of !== "KWD" || [revenue, ...lines.map(({ price }) => price)].every((sum) => sum < 1_000 || sum >= 1_000_000);
      const readable = orders.filter(isSure);
      const known = readable.filter(({ email }) => email !== "");
      expect([file.faulty, file.guests]).toEqual([orders.length - readable.length, readable.length - known.length]);
      expect(file.orders.map(({ id, at, revenue }) => ({ id, at, revenue }))).toEqual(
        known.map(({ id, at, currency: of, revenue }) => ({
          id,
          at: `${at.toISOString().slice(0, 19)}.000Z`,
          revenue: { amount: revenue, currency: of },
        })),
      );
      const names = file.orders.map(({ calls: [call] }) => {
        const { products } = (call?.type === "track" ? call.properties : {}) as { products: { name: string }[] };
        return products.map(({ name }) => name);
      });
      expect(names).toEqual(known.map(({ lines }) => lines.map(({ name }) => name)));
    }),
    { numRuns: 150 },
  );
});
