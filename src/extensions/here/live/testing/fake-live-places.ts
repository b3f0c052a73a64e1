import type { Location } from '../../../../generated/ocpi.js';
import { keySegment } from '../../../../kernel/party-ref.js';
import { LiveBook } from '../live-book.js';
import type { LivePlace, LivePlaces, PlaceChange, StatusEvent } from '../live-places.js';
import { keyOf, shownLocation, statusCode } from '../shown-location.js';

/**
 * Live places for tests of what stands on them: the same derivation and the same events, without a database. Each call is one
 * change, with the next place of a sequence of its own.
 */
export class FakeLivePlaces implements LivePlaces {
  readonly isReady = true;
  offset = 0;
  private readonly derivedPower: boolean;
  private readonly documents = new Map<string, Location>();
  private readonly book = new LiveBook({
    onError: (error) => {
      throw error;
    },
  });

  constructor({ derivedPower = false }: { readonly derivedPower?: boolean } = {}) {
    this.derivedPower = derivedPower;
    this.book.settle();
    this.book.closeIn();
    this.book.closed();
  }

  get size(): number {
    return this.book.size;
  }

  /** @param receivedAt when the hub took it, ms; else the same number as its place */
  put(location: Location, receivedAt?: number): LivePlace | undefined {
    const at = this.next(receivedAt);
    const key = keyOf(location);
    this.documents.set(key, location);
    const shown = shownLocation(location, this.derivedPower);
    if (shown) this.book.put(shown, location, at);
    else this.book.hide(key, at);
    this.book.closeIn();
    this.book.closed();
    return this.book.find(key);
  }

  /** @param at `last_updated` of the change and when the hub took it, ms */
  setStatus(key: string, uid: string, ocpiStatus: string, at: number): void {
    const location = this.documents.get(key);
    if (!location) throw new Error(`no Location ${key}`);
    const last_updated = new Date(at).toISOString();
    const evses = (location.evses ?? []).map((evse) =>
      keySegment(evse.uid) === keySegment(uid)
        ? { ...evse, status: ocpiStatus as typeof evse.status, last_updated }
        : evse,
    );
    const code = statusCode(ocpiStatus);
    const changed = { ...location, evses, last_updated };
    this.documents.set(key, changed);
    const place = { seq: this.offset + 1, receivedAt: at };
    if (code !== undefined && this.book.status(key, keySegment(uid), code, at, place)) this.offset++;
    else this.put(changed, at);
  }

  remove(key: string): void {
    this.documents.delete(key);
    this.book.hide(key, this.next());
  }

  tariff(key: string): void {
    this.book.tariff(key, this.next().seq);
  }

  find(key: string): LivePlace | undefined {
    return this.book.find(key);
  }

  keys(): IterableIterator<string> {
    return this.book.keys();
  }

  statusesAfter(offset: number, limit: number): readonly StatusEvent[] | undefined {
    return this.book.statusesAfter(offset, limit);
  }

  onChange(listener: (change: PlaceChange) => void): () => void {
    return this.book.onChange(listener);
  }

  private next(receivedAt?: number): { seq: number; receivedAt: number } {
    this.offset++;
    return { seq: this.offset, receivedAt: receivedAt ?? this.offset };
  }
}
