import { type LookupAddress, lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** A name led to an address that nobody outside has: no call is made. */
export class InnerAddress extends Error {
  override readonly name = "InnerAddress";
}

/** This machine, private networks, the ones that serve a cloud's own machines, and IPv6 ways around to them. */
const inner = new BlockList();
const innerNetworks = [
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16",
  "198.18.0.0/15 224.0.0.0/4 240.0.0.0/4 ::/96 64:ff9b::/96 64:ff9b:1::/48 2002::/16 fc00::/7 fe80::/10 fec0::/10 ff00::/8",
].flatMap((line) => line.split(" "));
for (const network of innerNetworks) {
  const [net = "", prefix] = network.split("/");
  inner.addSubnet(net, Number(prefix), net.includes(":") ? "ipv6" : "ipv4");
}

/** Whether an IP address belongs to an inner network; an IPv4 address within an IPv6 one counts as itself. */
export function isInner(address: string): boolean {
  return inner.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** Whether a URL names an IP address, which no name server is asked for. */
export function isNumeric({ hostname }: URL): boolean {
  return isIP(hostname.replaceAll(/[[\]]/g, "")) !== 0;
}

/** Looks a name up as a connection is made, and refuses it as soon as one of its addresses is an inner one. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) {
      callback(error ?? new Error("the name has no address"), "", 4);
    } else if (addresses.some(({ address }) => isInner(address))) {
      callback(new InnerAddress("The name leads to an inner network."), "", 4);
    } else if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
