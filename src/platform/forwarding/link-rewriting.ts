import { parseLinks } from '../outbound/index.js';

/** What a list links to (RFC 8288, P-07); anything else leads to places that mean nothing to the caller. */
const relations: ReadonlySet<string> = new Set(['next', 'prev', 'previous', 'first', 'last']);

/** More links than there are relations are no list's. */
const maxLinks = 5;

/** Names a reference in the query of a rewritten link. */
export const viaParameter = 'via';

/**
 * Rewrites a `Link` header of a list: links of a known relation get the URL that `rewrite` makes of them, all others are left out.
 * `undefined` if none is left.
 */
export function rewriteLinks(header: string, rewrite: (target: string) => string | undefined): string | undefined {
  const kept: string[] = [];
  for (const { target, rel } of parseLinks(header)) {
    const known = rel.filter((one) => relations.has(one));
    const url = known.length === 0 || kept.length === maxLinks ? undefined : rewrite(target);
    if (url !== undefined) kept.push(`<${url}>; rel="${known.join(' ')}"`);
  }
  return kept.length === 0 ? undefined : kept.join(', ');
}

/** The hub's URL for a page of somebody else: the original query for people to read, and the reference that is followed. */
export function linkUrl(interfaceUrl: string, originalQuery: string, reference: string): string {
  const shown = originalQuery
    .split('&')
    .filter((pair) => pair !== '' && pair !== viaParameter && !pair.startsWith(`${viaParameter}=`));
  return `${interfaceUrl}?${[...shown, `${viaParameter}=${reference}`].join('&')}`;
}
