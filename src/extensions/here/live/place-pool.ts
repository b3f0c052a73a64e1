import { type GroupShape, shapeOf } from '../groups/group-shape.js';
import type { PlaceFacts } from './place.js';
import { packNames } from './place-text.js';
import type { ShownLocation } from './shown-location.js';

/** How many different things are remembered to be shared; beyond it they are forgotten, and new ones stand alone. */
const most = 20_000;

/** Gives Locations that are built alike the same objects: of 62,000 there are 1,500 kinds. */
export class PlacePool {
  private readonly shapes = new Map<string, GroupShape>();
  private readonly words = new Map<string, string>();
  private readonly lists = new Map<string, readonly number[]>();

  factsOf({ key, owner, latitude, longitude, country, evses, plan, isAmbiguous }: ShownLocation): PlaceFacts {
    const name = `${evses.length};${plan
      .map((group) => `${group.standard}:${group.maxPower}:${group.powerDerived ? 1 : 0}:${group.members.join()}`)
      .join(';')}`;
    return {
      key,
      owner: shared(this.words, owner, () => owner),
      latitude,
      longitude,
      country: shared(this.words, country, () => country),
      shape: shared(this.shapes, name, () => shapeOf(plan, evses.length)),
      names: packNames({
        uids: evses.map(({ uid }) => uid),
        evseIds: evses.map(({ evseId }) => evseId),
        connectorIds: plan.map(({ connectorIds }) => connectorIds),
        tariffIds: plan.map(({ tariffIds }) => tariffIds.filter((id) => id !== '')),
      }),
      isAmbiguous,
    };
  }

  counts(counts: readonly number[]): readonly number[] {
    return shared(this.lists, counts.join(), () => counts);
  }
}

function shared<T>(known: Map<string, T>, key: string, make: () => T): T {
  let found = known.get(key);
  if (found === undefined) {
    found = make();
    if (known.size >= most) known.clear();
    known.set(key, found);
  }
  return found;
}
