import { cartEventSchema, type Product, productEventSchema } from "../events/commerce.ts";
import type { Told } from "./call.ts";

const productEvents: readonly string[] = ["Product Viewed", "Product Added", "Product Removed"];

/**
 * What a browser tells of products and carts, with links to the pages and pictures of its key's sites alone: the key is
 * public, and mails show these links.
 *
 * @param origins such as `https://www.example.com`
 */
export function withOwnLinks({ event, properties }: Told, origins: readonly string[]): Told {
  const own = (link: string | undefined) =>
    link !== undefined && origins.includes(URL.parse(link)?.origin ?? "") ? link : undefined;
  const ofProduct = (product: Product) => ({ ...product, url: own(product.url), imageUrl: own(product.imageUrl) });
  if (event === "Cart Viewed" || event === "Checkout Started") {
    const cart = cartEventSchema.parse(properties);
    return { event, properties: { ...cart, url: own(cart.url), products: cart.products.map(ofProduct) } };
  }
  if (!productEvents.includes(event)) return { event, properties };
  const viewed = productEventSchema.parse(properties);
  return { event, properties: { ...viewed, product: ofProduct(viewed.product) } };
}
