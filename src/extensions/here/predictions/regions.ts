import { foundOrMade } from './found-or-made.js';
import type { Waits, Wider } from './profile.js';
import { addSums, noSums, shrunk, smoothed, type WeekSums } from './week-sums.js';

interface Circle {
  readonly sums: WeekSums;
  hours: number;
  moments: number;
}

/** What all places of one size weigh in a region, where a whole observation weighs 4.4. */
const weightOfAll = 90;

/** Sites of one EVSE are hardly ever half full: those of a size are compared with their like. */
const sizeOf = (evses: number): number => (evses <= 4 ? evses : evses <= 8 ? 5 : 6);

/** What is looked at of a place. */
export interface RegionalPlace {
  readonly latitude: number;
  readonly longitude: number;
  readonly evses: { readonly length: number };
}

/** What is usual in a region, a square of one degree, for places of one size. */
export class Regions {
  private readonly near = new Map<string, Circle>();
  private readonly all = new Map<number, Circle>();
  private readonly made = new Map<string, Wider>();

  note(place: RegionalPlace, sums: WeekSums, waits: Waits): void {
    const size = sizeOf(place.evses.length);
    for (const circle of [circleOf(this.near, regionOf(place)), circleOf(this.all, size)]) {
      addSums(circle.sums, sums);
      circle.hours += waits.hours;
      circle.moments += waits.moments;
    }
    this.made.clear();
  }

  of(place: RegionalPlace): Wider {
    const name = regionOf(place);
    let wider = this.made.get(name);
    if (!wider) {
      const near = this.near.get(name);
      const all = this.all.get(sizeOf(place.evses.length));
      const sums = shrunk(smoothed(near?.sums ?? noSums()), smoothed(all?.sums ?? noSums()), weightOfAll);
      const hours = (near?.hours ?? 0) + (all?.hours ?? 0) / 100;
      const moments = (near?.moments ?? 0) + (all?.moments ?? 0) / 100;
      wider = { sums, waits: { hours, moments } };
      this.made.set(name, wider);
    }
    return wider;
  }
}

const regionOf = ({ latitude, longitude, evses }: RegionalPlace): string =>
  `${Math.floor(latitude)}/${Math.floor(longitude)}/${sizeOf(evses.length)}`;

function circleOf<K>(circles: Map<K, Circle>, name: K): Circle {
  return foundOrMade(circles, name, () => ({ sums: noSums(), hours: 0, moments: 0 }));
}
