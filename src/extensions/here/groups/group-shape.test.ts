import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Connector } from '../../../generated/ocpi.js';
import { type HereStatus, hereStatuses } from '../model/status.js';
import { planGroups } from './group-plan.js';
import { countStatuses, groupViews, movedCounts, shapeOf } from './group-shape.js';

const connector = (id: string, standard: string, power: number | null): Connector =>
  ({ id, standard, max_electric_power: power, power_type: 'DC', max_voltage: 400, max_amperage: 100 }) as Connector;

/** HERE section 5. */
const utrecht = [
  { connectors: [connector('1', 'IEC_62196_T2_COMBO', 150_000)] },
  { connectors: [connector('1', 'IEC_62196_T2_COMBO', 150_000), connector('2', 'CHADEMO', 50_000)] },
  { connectors: [connector('1', 'IEC_62196_T2', 22_000), connector('2', 'IEC_62196_T2', 22_000)] },
];
const code = (status: HereStatus): number => hereStatuses.indexOf(status);

function groupsOf(evses: readonly { connectors: Connector[] }[]) {
  const plan = planGroups(evses, false);
  const shape = shapeOf(plan, evses.length);
  const names = {
    uids: evses.map((_, index) => `E${index}`),
    connectorIds: plan.map(({ connectorIds }) => connectorIds),
    tariffIds: plan.map(({ tariffIds }) => tariffIds),
  };
  return {
    shape,
    counted: (statuses: readonly number[]) => countStatuses(shape, (evse) => statuses[evse] ?? 0),
    view: (counts: readonly number[]) => groupViews(shape, counts, names),
  };
}

describe('the groups of a Location', () => {
  it("are those of HERE's sample", () => {
    const { shape, counted, view } = groupsOf(utrecht);
    const counts = counted([code('available'), code('charging'), code('unknown')]);
    expect(view(counts)).toEqual([
      {
        standard: 'IEC_62196_T2_COMBO',
        maxPower: 150_000,
        powerDerived: false,
        connectorCount: 2,
        availableConnectorCount: 1,
        statusCounts: { available: 1, charging: 1 },
        connectors: [
          { evseUid: 'E0', connectorIds: ['1'] },
          { evseUid: 'E1', connectorIds: ['1'] },
        ],
        tariffIds: [],
      },
      expect.objectContaining({ standard: 'CHADEMO', connectorCount: 1, availableConnectorCount: 0 }),
      expect.objectContaining({
        standard: 'IEC_62196_T2',
        connectorCount: 1,
        availableConnectorCount: undefined,
        statusCounts: { unknown: 1 },
        connectors: [{ evseUid: 'E2', connectorIds: ['1', '2'] }],
      }),
    ]);
    const free = (now: readonly number[]) => view(now).map((group) => group.availableConnectorCount);
    expect(free(movedCounts(counts, shape, 1, code('charging'), code('available')))).toEqual([2, 1, undefined]);
    // The counts that were handed out are those of their moment.
    expect(free(counts)).toEqual([1, 0, undefined]);
  });

  it.each(['unknown', 'operational'] as const)(
    'say nothing of what is free while all that is known is %s',
    (status) => {
      const { counted, view } = groupsOf(utrecht);
      const [combo] = view(counted([code(status), code('blocked'), code(status)]));
      expect(combo?.availableConnectorCount).toBe(0);
      const groups = view(counted([code(status), code(status), code(status)]));
      expect(groups.map((group) => group.availableConnectorCount)).toEqual([undefined, undefined, undefined]);
    },
  );

  it('are the same after any sequence of statuses as if they were made anew', () => {
    const kind = fc.record({
      standard: fc.constantFrom('CHADEMO', 'IEC_62196_T2', 'MCS'),
      power: fc.constantFrom(null, 11_000, 22_000, 150_000),
    });
    const site = fc.array(fc.array(kind, { maxLength: 4 }), { minLength: 1, maxLength: 12 });
    const change = fc.tuple(fc.nat(), fc.nat(hereStatuses.length - 1));
    fc.assert(
      fc.property(
        site,
        fc.array(fc.nat(7), { minLength: 12, maxLength: 12 }),
        fc.array(change),
        (kinds, first, changes) => {
          const evses = kinds.map((list) => ({
            connectors: list.map(({ standard, power }, index) => connector(String(index), standard, power)),
          }));
          const { shape, counted, view } = groupsOf(evses);
          const statuses = first.slice(0, evses.length);
          let counts = counted(statuses);
          for (const [number, status] of changes) {
            const evse = number % evses.length;
            counts = movedCounts(counts, shape, evse, statuses[evse] ?? 0, status);
            statuses[evse] = status;
          }
          expect(view(counts)).toEqual(view(counted(statuses)));
        },
      ),
      { numRuns: 300 },
    );
  });
});
