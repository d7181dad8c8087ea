const addresses = /\s(?:href|src|background|action|poster)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))/gi;

/**
 * The links of an HTML page that are neither http nor https. A variable at the start of a link passes in a template,
 * where it is not filled in yet.
 */
export function unsafeLinks(html: string, { template = false }: { readonly template?: boolean } = {}): string[] {
  return [...html.matchAll(addresses)]
    .map(([, double, single, bare]) => (double ?? single ?? bare ?? "").trim())
    .filter((link) => !/^https?:\/\/[^\s/]/i.test(link) && !/^(#.*)?$/.test(link) && !(template && /^\{\{/.test(link)));
}
