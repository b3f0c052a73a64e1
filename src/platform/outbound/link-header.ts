/** One link of a `Link` header (RFC 8288). */
export interface Link {
  /** As written; it may be relative. */
  readonly target: string;
  /** Relation types in lower case; the first `rel` counts. */
  readonly rel: readonly string[];
}

const linkStart = /[\s,]*<([^>]*)>/y;
const parameter = /\s*;\s*([^\s=;,"]+)?\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y;

/**
 * Reads a `Link` header as found in the field: several links, quoted and unquoted values, several relation types in one
 * value, commas inside of targets. Reading stops at what is no link; what was read before it counts.
 */
export function parseLinks(header: string): Link[] {
  const links: Link[] = [];
  let at = 0;
  for (;;) {
    linkStart.lastIndex = at;
    const start = linkStart.exec(header);
    if (!start) return links;
    at = linkStart.lastIndex;
    let rel: string | undefined;
    for (;;) {
      parameter.lastIndex = at;
      const match = parameter.exec(header);
      if (!match) break;
      at = parameter.lastIndex;
      const [, name, quoted, plain] = match;
      if (name?.toLowerCase() === 'rel') rel ??= quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
    }
    links.push({ target: start[1] ?? '', rel: (rel ?? '').toLowerCase().split(/\s+/).filter(Boolean) });
  }
}

/**
 * Where the next page is (P-07, P-14): an absolute URL, `undefined` on the last page, or `'unreadable'` if the header
 * names a next page that cannot be made out. A list that is cut short must not pass for a whole one (P-16).
 */
export function nextLink(header: string | undefined, base: string): string | undefined {
  if (header === undefined) return undefined;
  const next = parseLinks(header).find(({ rel }) => rel.includes('next'));
  if (next) return URL.canParse(next.target, base) ? new URL(next.target, base).href : unreadableLink;
  return /\brel\s*=\s*"?[^"]*\bnext\b/i.test(header) ? unreadableLink : undefined;
}

export const unreadableLink = 'unreadable';
