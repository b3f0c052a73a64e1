const mayBeDots = /\.|%2e|%25/i;
const dotSegment = /(?:^|[/\\])\.{1,2}(?:$|[/\\;?#\0])/;
/** How often a path may be encoded within itself. */
const decodings = 3;

/**
 * Where a message goes at its receiver: path and query of the caller below the receiver's endpoint, byte for byte.
 * `undefined` if the path would lead outside of it: a partner must not be able to steer the hub's token to other URLs of another one (T8).
 */
export function targetUrl(base: string, path: string, query: string): string | undefined {
  if (path !== '' && (!path.startsWith('/') || leadsElsewhere(path))) return undefined;
  const mark = base.indexOf('?');
  if (mark === -1) return base + path + (query === '' ? '' : `?${query}`);
  const own = base.slice(mark + 1);
  const both = own !== '' && query !== '' ? `${own}&${query}` : own + query;
  return base.slice(0, mark).replace(/\/+$/, '') + path + (both === '' ? '' : `?${both}`);
}

/**
 * Whether a path has a segment `.` or `..`, written plainly, encoded, or encoded more than once, with whatever somebody on the way may
 * take for the end of a segment.
 */
function leadsElsewhere(path: string): boolean {
  if (!mayBeDots.test(path)) return false;
  let text = path;
  for (let round = 0; round <= decodings; round++) {
    if (dotSegment.test(text)) return true;
    const decoded = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    if (decoded === text) return false;
    text = decoded;
  }
  return true;
}
