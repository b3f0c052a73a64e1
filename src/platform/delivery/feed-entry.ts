import type { ChangeRow } from '../storage/index.js';
import type { PushItem } from './ports.js';

/** An object as it was read, and the moment from which on it may be newer. */
export interface Rendered {
  /** Undefined: the object is gone. */
  readonly item: PushItem | undefined;
  /** Head of the sequence when reading began: the item holds at least everything up to here. */
  readonly head: number;
}

/** A row of the change sequence as all lanes share it: names are put together once, the object is read once. */
export class FeedEntry {
  /** `locations/DE/CP1/LOC1/EVSE1` */
  readonly key: string;
  /** `locations/DE/CP1/LOC1`; the same string object as `key` where the row is of the whole. */
  readonly laneKey: string;
  /** A newer row of the same object has been seen: whoever skips this one meets that one later. */
  superseded = false;
  private rendered: Rendered | undefined;
  private reading: { readonly head: number; readonly result: Promise<Rendered> } | undefined;

  constructor(readonly row: ChangeRow) {
    this.key = `${row.module}/${row.object}`;
    this.laneKey = row.laneKey === row.object ? this.key : `${row.module}/${row.laneKey}`;
  }

  get seq(): number {
    return this.row.seq;
  }

  /** Whether the row is of a whole Location or Tariff, not of something inside one. */
  get isWhole(): boolean {
    return this.key === this.laneKey;
  }

  /** The object, from a read that began when the head stood at `readFrom` or later. */
  render(readFrom: number, source: RenderSource): Rendered | Promise<Rendered> {
    if (this.rendered && this.rendered.head >= readFrom) return this.rendered;
    if (this.reading && this.reading.head >= readFrom) return this.reading.result;
    const head = source.head();
    const result = source.read(this.row).then((item) => {
      const rendered = { item, head };
      if (!this.rendered || head > this.rendered.head) this.rendered = rendered;
      return rendered;
    });
    this.reading = { head, result };
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
}
