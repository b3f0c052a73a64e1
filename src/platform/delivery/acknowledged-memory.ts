/** What is known of one Location (or Tariff) at one receiver. */
interface Known {
  /** Place of the state that the receiver acknowledged when it was sent whole; -1 = none. */
  whole: number;
  /** Latest moment, as a place, from which anything of it was sent, whatever came of that. */
  latest: number;
  /** Objects whose acknowledged place differs from `whole`: names and places side by side, for they are few. */
  names: string[] | undefined;
  places: number[] | undefined;
}

const unknown = -1;

/**
 * What one receiving party is known to hold, for as long as the lane is in this process's hands.
 *
 * A place of the change sequence stands for a state. An acknowledged place says "at least this state": a whole object that
 * was read when the head stood at h holds everything up to h. Bounded: what was not touched for longest is forgotten, and the
 * price of forgetting is a whole object instead of a patch.
 */
export class AcknowledgedMemory {
  private young = new Map<string, Known>();
  private old = new Map<string, Known>();
  private highest: number;
  private ageNow = 0;

  /**
   * @param limit Locations and Tariffs remembered, at most.
   * @param floor head of the sequence when this memory began; others may have sent states up to it.
   */
  constructor(
    private readonly limit: number,
    private floor: number,
  ) {
    this.highest = floor;
  }

  /** The acknowledged place of an object, or undefined if nothing is known. */
  placeOf(object: string, laneKey: string): number | undefined {
    const known = this.find(laneKey);
    if (!known) return undefined;
    const index = known.names?.indexOf(object) ?? -1;
    const place = index < 0 ? known.whole : (known.places?.[index] ?? unknown);
    return place === unknown ? undefined : place;
  }

  /** Nothing of this Location may be sent from an earlier moment: time would go backwards for the receiver (P4). */
  latestOf(laneKey: string): number {
    return this.find(laneKey)?.latest ?? this.floor;
  }

  /** Something of this Location is about to be sent, as it was at `place`. */
  sending(laneKey: string, place: number): void {
    const known = this.entry(laneKey);
    if (place > known.latest) known.latest = place;
    if (place > this.highest) this.highest = place;
  }

  /** Moves with each {@link forgetAll}: a call that was under way then proves nothing any more. */
  get age(): number {
    return this.ageNow;
  }

  /**
   * The receiver said yes. `object === laneKey` with `whole`: everything below came with it.
   * @param age of this memory when the call began
   */
  acknowledge(object: string, laneKey: string, place: number, whole: boolean, age = this.ageNow): void {
    if (age !== this.ageNow) return;
    const known = this.entry(laneKey);
    if (whole && object === laneKey) {
      known.whole = place;
      known.names = undefined;
      known.places = undefined;
    } else this.note(known, object, place);
  }

  /** What the receiver holds of this object is uncertain now; of a Location: of all that belongs to it. */
  forget(object: string, laneKey: string): void {
    const known = this.entry(laneKey);
    if (object === laneKey) {
      known.whole = unknown;
      known.names = undefined;
      known.places = undefined;
    } else this.note(known, object, unknown);
  }

  /** What the receiver holds of all that `isMeant` names (by lane key) is uncertain, also where it said yes a moment ago. */
  forgetAll(isMeant: (laneKey: string) => boolean): void {
    this.ageNow++;
    for (const generation of [this.young, this.old]) {
      for (const [laneKey, known] of generation) {
        if (!isMeant(laneKey)) continue;
        known.whole = unknown;
        known.names = undefined;
        known.places = undefined;
      }
    }
  }

  private note(known: Known, object: string, place: number): void {
    known.names ??= [];
    known.places ??= [];
    const index = known.names.indexOf(object);
    if (index >= 0) known.places[index] = place;
    else {
      known.names.push(object);
      known.places.push(place);
    }
  }

  private find(laneKey: string): Known | undefined {
    const known = this.young.get(laneKey);
    if (known) return known;
    const aged = this.old.get(laneKey);
    if (aged) this.keep(laneKey, aged);
    return aged;
  }

  private entry(laneKey: string): Known {
    const found = this.find(laneKey);
    if (found) return found;
    const known: Known = { whole: unknown, latest: this.floor, names: undefined, places: undefined };
    this.keep(laneKey, known);
    return known;
  }

  private keep(laneKey: string, known: Known): void {
    if (this.young.size >= this.limit / 2) {
      // With the generation that goes, so does the knowledge of what was sent; the floor stands in for it.
      if (this.old.size > 0) this.floor = this.highest;
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(laneKey, known);
  }
}
