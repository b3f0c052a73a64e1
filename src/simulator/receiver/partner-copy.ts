import type { OwnedModule } from '../sender/catalogue.js';
import { ownCopy } from '../wire/wire-text.js';

/** One object as a partner holds it. */
export interface HeldObject {
  /** Wire text. */
  text: string;
  /** Its `last_updated` in epoch milliseconds. */
  stamp: number;
  /** When it was last written, by the platform's clock. */
  writtenAt: number;
}

/** The copy that one party keeps of other parties' Locations and Tariffs: text by key (`DE/CP1/LOC1`). */
export class PartnerCopy {
  readonly locations = new Map<string, HeldObject>();
  readonly tariffs = new Map<string, HeldObject>();

  /** The objects of a module. */
  of(module: OwnedModule): Map<string, HeldObject> {
    return module === 'locations' ? this.locations : this.tariffs;
  }

  /** Writes an object. The text is kept without what it was cut from. */
  write(module: OwnedModule, key: string, text: string, stamp: number, writtenAt: number): void {
    const held = this.of(module).get(key);
    if (held === undefined) this.of(module).set(key, { text: ownCopy(text), stamp, writtenAt });
    else {
      held.text = ownCopy(text);
      held.stamp = stamp;
      held.writtenAt = writtenAt;
    }
  }

  /** Keys as in snapshots (`locations/DE/CP1/LOC1`) with the text of each object. */
  *entries(): Generator<[string, string]> {
    for (const module of ['tariffs', 'locations'] as const) {
      for (const [key, held] of this.of(module)) yield [`${module}/${key}`, held.text];
    }
  }

  /** Text of one object by its snapshot key. */
  text(key: string): string | undefined {
    const slash = key.indexOf('/');
    const module = key.slice(0, slash);
    if (module !== 'locations' && module !== 'tariffs') return undefined;
    return this.of(module).get(key.slice(slash + 1).toUpperCase())?.text;
  }
}
