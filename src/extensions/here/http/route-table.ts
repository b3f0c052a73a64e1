import type { EvRoute } from './ev-route.js';

export interface RouteMatch {
  readonly route: EvRoute;
  readonly params: Readonly<Record<string, string>>;
}

interface Entry {
  readonly route: EvRoute;
  /** Names in braces are `undefined` here, and stand in `names`. */
  readonly segments: readonly (string | undefined)[];
  readonly names: readonly (string | undefined)[];
}

/** Finds the route of a path below the mount; fixed words win over names in braces. */
export class RouteTable {
  private readonly bySize = new Map<number, Entry[]>();

  constructor(routes: readonly EvRoute[]) {
    for (const route of routes) {
      const parts = segmentsOf(route.path);
      const names = parts.map((part) => /^\{(\w+)\}$/.exec(part)?.[1]);
      const entry = { route, names, segments: parts.map((part, at) => (names[at] === undefined ? part : undefined)) };
      const fixed = (one: Entry): number => one.segments.filter((segment) => segment !== undefined).length;
      this.bySize.set(
        parts.length,
        [...(this.bySize.get(parts.length) ?? []), entry].sort((a, b) => fixed(b) - fixed(a)),
      );
    }
  }

  /** @param path as received, percent-encoded */
  find(path: string): RouteMatch | undefined {
    const parts = segmentsOf(path);
    for (const { route, segments, names } of this.bySize.get(parts.length) ?? []) {
      if (!segments.every((segment, at) => segment === undefined || segment === parts[at])) continue;
      const params: Record<string, string> = {};
      let readable = true;
      for (const [at, name] of names.entries()) {
        if (name === undefined) continue;
        const value = decoded(parts[at] ?? '');
        if (value === undefined) readable = false;
        else params[name] = value;
      }
      return readable ? { route, params } : undefined;
    }
    return undefined;
  }
}

const segmentsOf = (path: string): string[] => path.split('/').slice(1);

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
