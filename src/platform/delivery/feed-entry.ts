import type { ChangeRow } from '../storage/index.js';
import type { PushItem } from './ports.js';

/** An object as it was read, and between which moments that was. */
export interface Rendered {
  /** Undefined: the object is gone. */
  readonly item: PushItem | undefined;
  /** It holds at least everything up to this place. */
  readonly head: number;
  /** And nothing from beyond this one. */
  readonly newest: number;
}

/** What order is kept for. Two roles of one party have one URL of ClientInfo: they are told one after the other (H-14). */
export function laneKeyOf({ module, laneKey, owner }: ChangeRow): string {
  return `${module}/${module === 'hubclientinfo' ? owner : laneKey}`;
}

/** A row of the change sequence as all lanes share it: names are put together once, the object is read once. */
export class FeedEntry {
  /** `locations/DE/CP1/LOC1/EVSE1` */
  readonly key: string;
  /** `locations/DE/CP1/LOC1`; the same string object as `key` where the row is of the whole. */
  readonly laneKey: string;
  /** A newer row of the same object has been seen: whoever skips this one meets that one later. */
  superseded = false;
  private place: Promise<PushItem | undefined> | PushItem | undefined;
  private rendered: Rendered | undefined;
  private reading: { readonly floor: number; readonly result: Promise<Rendered> } | undefined;

  constructor(readonly row: ChangeRow) {
    this.key = `${row.module}/${row.object}`;
    const laneKey = laneKeyOf(row);
    this.laneKey = laneKey === this.key ? this.key : laneKey;
  }

  get seq(): number {
    return this.row.seq;
  }

  /** Whether the row is of a whole Location or Tariff, not of something inside one. */
  get isWhole(): boolean {
    return this.key === this.laneKey;
  }

  /** The object from whatever read, for where it stands (its path); what it holds may be old. */
  locate(source: RenderSource): PushItem | undefined | Promise<PushItem | undefined> {
    if (this.rendered) return this.rendered.item;
    if (this.place !== undefined) return this.place;
    const place = source.read(this.row).then(
      (item) => {
        this.place = item;
        return item;
      },
      (error: unknown) => {
        this.place = undefined;
        throw error;
      },
    );
    this.place = place;
    return place;
  }

  /** The object, from a read that began when the head stood at `readFrom` or later. */
  render(readFrom: number, source: RenderSource): Rendered | Promise<Rendered> {
    if (this.rendered && this.rendered.head >= readFrom) return this.rendered;
    if (this.reading && this.reading.floor >= readFrom) return this.reading.result;
    const result = source
      .readBetween(this.laneKey, () => source.read(this.row))
      .then((rendered) => {
        if (!this.rendered || rendered.head > this.rendered.head) this.rendered = rendered;
        return rendered;
      });
    this.reading = { floor: source.head(), result };
    const forget = (): void => {
      if (this.reading?.result === result) this.reading = undefined;
    };
    result.then(forget, forget);
    return result;
  }
}

/** Where objects are read. */
export interface RenderSource {
  head(): number;
  read(row: ChangeRow): Promise<PushItem | undefined>;
  /** Reads an object of a Location (or Tariff) and finds out between which moments that was. */
  readBetween(laneKey: string, read: () => Promise<PushItem | undefined>): Promise<Rendered>;
}
