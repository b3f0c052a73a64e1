interface Evse {
  readonly uid: string;
}

interface WireLocation {
  readonly country_code: string;
  readonly party_id: string;
  readonly id: string;
  readonly evses?: readonly Evse[] | null;
}

/** A Location with just so many EVSEs, made of its own; undefined if it has none. */
export function withEvses(text: string, count: number, last_updated: string): WireLocation | undefined {
  const location = JSON.parse(text) as WireLocation;
  const [first, ...others] = location.evses ?? [];
  if (!first) return undefined;
  const evses = [first, ...others].slice(0, count);
  while (evses.length < count) evses.push({ ...first, uid: `${first.uid.slice(0, 30)}-${evses.length}` });
  return { ...location, evses, last_updated } as WireLocation;
}
