import type { ModelEvse, ModelHub, ModelLocation, ModelTariff } from './model-hub.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What one receiving party holds. It does what it is told and notes when it is told something older than it knew. */
export class ModelPartner {
  readonly locations = new Map<string, Mutable<ModelLocation>>();
  readonly tariffs = new Map<string, ModelTariff>();
  /** `object: older stamp after newer stamp` */
  readonly regressions: string[] = [];
  /** Pushes that changed nothing. */
  readonly duplicates: string[] = [];
  private readonly seen = new Map<string, number>();

  /** Applies a request; returns the HTTP status. `late`: it was cut long ago, and what it does to the order is the partner's. */
  receive(method: string, path: string, body: string, late = false): number {
    const [module = '', , , id = '', uid] = path.split('/').slice(1);
    if (module === 'tariffs') return this.tariff(method, id, body, late);
    const location = this.locations.get(id);
    const content = JSON.parse(body) as Partial<ModelLocation & ModelEvse>;
    if (uid === undefined) {
      if (method === 'PATCH' && !location) return 404;
      const whole = { ...(method === 'PATCH' ? location : {}), ...content } as ModelLocation;
      this.witness(id, whole.stamp, late);
      if (method === 'PUT') for (const evse of whole.evses) this.witness(`${id}/${evse.uid}`, evse.stamp, late);
      this.compare(`${method} ${id}`, location, whole);
      this.locations.set(id, whole);
      return 200;
    }
    const evse = location?.evses.find((one) => one.uid === uid);
    if (!location || (method === 'PATCH' && !evse)) return 404;
    const whole = { ...(method === 'PATCH' ? evse : {}), ...content } as ModelEvse;
    this.compare(`${method} ${id}/${uid}`, evse, whole);
    this.witness(`${id}/${uid}`, whole.stamp, late);
    this.witness(id, Math.max(location.stamp, whole.stamp), late);
    location.evses = [...location.evses.filter((one) => one.uid !== uid), whole].sort((a, b) =>
      a.uid < b.uid ? -1 : 1,
    );
    location.stamp = Math.max(location.stamp, whole.stamp);
    return 200;
  }

  /** Throws away what it holds of a module, and is not surprised to be told anything of it again. */
  purge(module: 'locations' | 'tariffs'): void {
    this[module].clear();
  }

  /** What differs from the hub, of what the hub changed since `lives`. */
  differences(hub: ModelHub): readonly string[] {
    const found: string[] = [];
    const compare = (kind: string, ours: ReadonlyMap<string, unknown>, theirs: ReadonlyMap<string, unknown>): void => {
      for (const id of new Set([...ours.keys(), ...theirs.keys()])) {
        const [left, right] = [text(ours.get(id)), text(theirs.get(id))];
        if (left !== right) found.push(`${kind} ${id}: hub ${left}, partner ${right}`);
      }
    };
    compare('location', hub.locations, this.locations);
    compare('tariff', hub.tariffs, this.tariffs);
    return found;
  }

  private tariff(method: string, id: string, body: string, late: boolean): number {
    if (method === 'DELETE') return this.tariffs.delete(id) ? 200 : 404;
    const tariff = JSON.parse(body) as ModelTariff;
    this.compare(`${method} ${id}`, this.tariffs.get(id), tariff);
    this.witness(id, tariff.stamp, late);
    this.tariffs.set(id, tariff);
    return 200;
  }

  private compare(what: string, before: unknown, after: unknown): void {
    if (before !== undefined && text(before) === text(after)) this.duplicates.push(what);
  }

  private witness(object: string, stamp: number, late: boolean): void {
    if (late) return;
    const before = this.seen.get(object) ?? 0;
    if (stamp < before) this.regressions.push(`${object}: ${stamp} after ${before}`);
    else this.seen.set(object, stamp);
  }
}

function text(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value, sortedKeys(value));
}

/** All member names of a value, sorted: as a replacer they give one text for one content. */
function sortedKeys(value: unknown): string[] {
  const names = new Set<string>();
  JSON.stringify(value, (key, inner: unknown) => {
    names.add(key);
    return inner;
  });
  return [...names].sort();
}
