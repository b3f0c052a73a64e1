import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Location } from '../../../generated/ocpi.js';
import { ciKey } from '../../../kernel/party-ref.js';
import type { PlaceChange } from './live-places.js';
import { FakeLivePlaces } from './testing/fake-live-places.js';

const ocpi = [
  'AVAILABLE',
  'BLOCKED',
  'CHARGING',
  'INOPERATIVE',
  'OUTOFORDER',
  'RESERVED',
  'UNKNOWN',
  'PLANNED',
  'REMOVED',
];

function site(id: string, evses: readonly (readonly [uid: string, status: string])[]): Location {
  return {
    country_code: 'NL',
    party_id: 'VLT',
    id,
    publish: true,
    country: 'NLD',
    coordinates: { latitude: '52.1', longitude: '5.1' },
    last_updated: '2026-06-01T00:00:00Z',
    evses: evses.map(([uid, status], index) => ({
      uid,
      evse_id: index % 2 === 0 ? `NL*VLT*E${uid}` : null,
      status,
      last_updated: '2026-06-01T00:00:00Z',
      connectors: [
        { id: '1', standard: 'IEC_62196_T2', max_electric_power: 22_000, tariff_ids: ['T1'] },
        ...(index === 1 ? [{ id: '2', standard: 'CHADEMO', max_electric_power: 50_000 }] : []),
      ],
    })),
  } as unknown as Location;
}

type Step =
  | { readonly kind: 'put'; readonly site: number; readonly statuses: readonly number[] }
  | { readonly kind: 'status'; readonly site: number; readonly evse: number; readonly status: number }
  | { readonly kind: 'remove'; readonly site: number };

const status = fc.nat(ocpi.length - 1);
const number = fc.nat(3);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), site: number, statuses: fc.array(status, { maxLength: 4 }) }),
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('status' as const), site: number, evse: number, status }) },
  fc.record({ kind: fc.constant('remove' as const), site: number }),
);

class World {
  readonly live = new FakeLivePlaces();
  /** Location → EVSE → OCPI status. */
  readonly truth = new Map<string, Map<string, string>>();

  apply(step: Step): void {
    const id = `L${step.site}`;
    if (step.kind === 'put') {
      const evses = step.statuses.map((code, index) => [`E${index}`, ocpi[code] ?? ''] as const);
      this.truth.set(id, new Map(evses));
      this.live.put(site(id, evses));
    } else if (step.kind === 'remove') {
      this.truth.delete(id);
      this.live.remove(`NL/VLT/${id}`);
    } else {
      const evses = this.truth.get(id);
      const uid = `E${step.evse}`;
      if (!evses?.has(uid)) return;
      evses.set(uid, ocpi[step.status] ?? '');
      this.live.setStatus(`NL/VLT/${id}`, uid, ocpi[step.status] ?? '', 1_000);
    }
  }

  /** The same Locations as if they were read for the first time. */
  anew(): FakeLivePlaces {
    const live = new FakeLivePlaces();
    for (const [id, evses] of this.truth) live.put(site(id, [...evses]));
    return live;
  }
}

const places = (live: FakeLivePlaces): unknown =>
  [...live.keys()].sort().map((key) => {
    const place = live.find(key);
    return [key, place?.evses.map(({ uid, evseId, status }) => [uid, evseId, status]), place?.groups];
  });
const statuses = (live: FakeLivePlaces): Map<string, string> =>
  new Map(
    [...live.keys()].flatMap((key) =>
      (live.find(key)?.evses ?? []).map(({ uid, status }) => [`${key}/${uid}`, status]),
    ),
  );

describe('LiveBook', () => {
  it('stands after any sequence of changes as if it had been made anew', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const one of steps) world.apply(one);
        expect(places(world.live)).toEqual(places(world.anew()));
      }),
      { numRuns: 300 },
    );
  });

  it('tells whoever listens all that it shows', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        const heard = new Map<string, string>();
        let last = 0;
        world.live.onChange((change) => {
          if (change.kind !== 'status') return;
          const { key, evseUid, status, offset } = change.event;
          expect(offset).toBeGreaterThanOrEqual(last);
          last = offset;
          if (status === undefined) heard.delete(`${key}/${evseUid}`);
          else heard.set(`${key}/${evseUid}`, status);
        });
        for (const one of steps) world.apply(one);
        expect(heard).toEqual(statuses(world.live));
      }),
      { numRuns: 300 },
    );
  });

  it('brings a consumer that was away from any place to the present, some at a time', () => {
    const limits = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.array(step, { maxLength: 40 }),
        limits,
        (first, then, sizes) => {
          const world = new World();
          for (const one of first) world.apply(one);
          const known = statuses(world.live);
          let at = world.live.offset;
          for (const one of then) world.apply(one);
          for (let turn = 0; ; turn++) {
            const events = world.live.statusesAfter(at, sizes[turn % sizes.length] ?? 1) ?? [];
            for (const { key, evseUid, status, offset } of events) {
              expect(offset).toBeGreaterThanOrEqual(at);
              if (status === undefined) known.delete(`${key}/${ciKey(evseUid)}`);
              else known.set(`${key}/${ciKey(evseUid)}`, status);
            }
            const last = events.at(-1);
            if (!last) break;
            at = last.offset;
          }
          expect(known).toEqual(statuses(world.live));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('keeps the memory of changes bounded, and all that is current', () => {
    const live = new FakeLivePlaces();
    for (let n = 0; n < 30; n++)
      live.put(
        site(`L${n}`, [
          ['E0', 'AVAILABLE'],
          ['E1', 'AVAILABLE'],
        ]),
      );
    for (let n = 0; n < 20_000; n++)
      live.setStatus(`NL/VLT/L${n % 7}`, `E${n % 2}`, n % 3 === 0 ? 'CHARGING' : 'AVAILABLE', n);
    const told = live.statusesAfter(0, 1_000) ?? [];
    expect(told).toHaveLength(60);
    expect(new Set(told.map(({ key, evseUid }) => `${key}/${evseUid}`)).size).toBe(60);
  });

  it('forgets old removals, and says so', () => {
    const live = new FakeLivePlaces();
    live.put(site('A', [['E0', 'AVAILABLE']]));
    const all = Array.from({ length: 22_000 }, (_, n) => [`X${n}`, 'AVAILABLE'] as const);
    live.put(site('BIG', all.slice(0, 11_000)));
    live.remove('NL/VLT/BIG');
    live.put(site('BIG2', all.slice(11_000)));
    const before = live.offset;
    live.remove('NL/VLT/BIG2');
    expect(live.statusesAfter(0, 10)).toBeUndefined();
    expect(live.statusesAfter(before, 1)).toHaveLength(11_000);
  });

  it('parts no change of many EVSEs', () => {
    const live = new FakeLivePlaces();
    live.put(
      site('A', [
        ['E0', 'AVAILABLE'],
        ['E1', 'CHARGING'],
        ['E2', 'BLOCKED'],
      ]),
    );
    live.put(site('B', [['E0', 'AVAILABLE']]));
    expect(live.statusesAfter(0, 1)?.map(({ evseUid }) => evseUid)).toEqual(['E0', 'E1', 'E2']);
    expect(live.statusesAfter(1, 1)?.map(({ key }) => key)).toEqual(['NL/VLT/B']);
  });

  it('gives out what does not change afterwards, with ids as their owner spells them', () => {
    const live = new FakeLivePlaces();
    const odd = 'a\tb\nc\\n"ü%2F/x';
    live.put(
      site(odd, [
        [odd, 'AVAILABLE'],
        ['Other', 'AVAILABLE'],
      ]),
    );
    const [key = ''] = live.keys();
    const place = live.find(key);
    const changes: PlaceChange[] = [];
    live.onChange((change) => changes.push(change));
    live.setStatus(key, odd, 'CHARGING', 9);
    expect(changes).toMatchObject([{ kind: 'status', event: { evseUid: odd, evseId: `NL*VLT*E${odd}` } }]);
    expect(place?.evses.map(({ uid, evseId, status }) => [uid, evseId, status])).toEqual([
      [odd, `NL*VLT*E${odd}`, 'available'],
      ['Other', undefined, 'available'],
    ]);
    expect(place?.groups[0]?.availableConnectorCount ?? place?.groups[1]?.availableConnectorCount).toBe(1);
    expect(live.find(key)?.evses[0]).toMatchObject({ uid: odd, status: 'charging', modified: 9, offset: 2 });
    expect(live.find(key)?.groups[1]?.connectors[0]?.evseUid).toBe(odd);
  });
});
