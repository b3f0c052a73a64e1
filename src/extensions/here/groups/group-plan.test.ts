import { describe, expect, it } from '@jest/globals';
import type { Connector } from '../../../generated/ocpi.js';
import { planGroups } from './group-plan.js';

const connector = (part: Partial<Record<keyof Connector | 'here_ext', unknown>>): Connector =>
  ({
    id: '1',
    standard: 'IEC_62196_T2',
    format: 'SOCKET',
    power_type: 'AC_3_PHASE',
    max_voltage: 230,
    max_amperage: 32,
    max_electric_power: 22_000,
    last_updated: '2026-06-01T00:00:00Z',
    ...part,
  }) as Connector;

const evse = (...connectors: Connector[]) => ({ connectors });
const keys = (evses: Parameters<typeof planGroups>[0], derived = false): string[] =>
  planGroups(evses, derived).map(({ standard, maxPower }) => `${standard} ${maxPower}`);

describe('planGroups', () => {
  it('has one group for each pair of standard and power, whatever else differs', () => {
    const groups = planGroups(
      [
        evse(connector({ format: 'CABLE', max_voltage: 400, power_type: 'DC' })),
        evse(connector({ max_amperage: 63 })),
        evse(connector({ max_electric_power: 11_000 })),
        evse(connector({ standard: 'CHADEMO' })),
      ],
      false,
    );
    expect(groups.map(({ standard, maxPower, members }) => [standard, maxPower, members])).toEqual([
      ['CHADEMO', 22_000, [3]],
      ['IEC_62196_T2', 22_000, [0, 1]],
      ['IEC_62196_T2', 11_000, [2]],
    ]);
  });

  it('puts most power first, then the standard', () => {
    const standards = ['IEC_62196_T2', 'CHADEMO', 'IEC_62196_T2_COMBO'];
    const evses = standards.flatMap((standard) =>
      [50_000, 150_000, 9_000].map((max_electric_power) => evse(connector({ standard, max_electric_power }))),
    );
    expect(keys(evses)).toEqual(
      [150_000, 50_000, 9_000].flatMap((power) => [...standards].sort().map((standard) => `${standard} ${power}`)),
    );
  });

  it('counts twins on one EVSE once and names them all', () => {
    const [group] = planGroups([evse(connector({ id: '1' }), connector({ id: '2' })), evse(connector({}))], false);
    expect(group).toMatchObject({ members: [0, 1], connectorIds: [['1', '2'], ['1']] });
  });

  it('has an EVSE with two kinds of connectors in two groups, in any order of them', () => {
    const groups = planGroups(
      [evse(connector({ id: '1' }), connector({ id: '2', standard: 'CHADEMO' }), connector({ id: '3' }))],
      false,
    );
    expect(groups.map(({ connectorIds }) => connectorIds)).toEqual([[['2']], [['1', '3']]]);
  });

  it.each([[null], [undefined], [0], [-5], [0.2], [Number.NaN], ['22000']])(
    'leaves out a connector whose power is %p',
    (max_electric_power) => {
      expect(keys([evse(connector({ max_electric_power }))])).toEqual([]);
    },
  );

  it('takes EVSEs without connectors', () => {
    expect(planGroups([{}, { connectors: null }, { connectors: [] }], true)).toEqual([]);
  });

  it("speaks of standards in HERE's spelling", () => {
    const evses = [
      evse(connector({ standard: 'IEC_60309_2_three_32' })),
      evse(connector({ standard: 'IEC_60309_2_THREE_32' })),
      evse(connector({ standard: 'TESLA_S', here_ext: { standard: 'SAE_J3400' } })),
      evse(connector({ here_ext: null })),
    ];
    expect(keys(evses)).toEqual(['IEC_60309_2_THREE_32 22000', 'IEC_62196_T2 22000', 'SAE_J3400 22000']);
  });

  it('gathers tariffs without regard to case, each once, in order of appearance', () => {
    const [group] = planGroups(
      [
        evse(connector({ tariff_ids: ['Night', 'DAY'] })),
        evse(connector({ tariff_ids: null })),
        evse(connector({ tariff_ids: ['day', 'x'] })),
      ],
      false,
    );
    expect(group?.tariffIds).toEqual(['Night', 'DAY', 'x']);
  });

  describe('with derived power', () => {
    it.each([
      ['AC_1_PHASE', 7_360],
      ['AC_2_PHASE', 14_720],
      ['AC_2_PHASE_SPLIT', 14_720],
      ['AC_3_PHASE', 22_080],
      ['DC', 7_360],
    ])('multiplies by the phases of %s', (power_type, power) => {
      const evses = [evse(connector({ power_type, max_electric_power: null }))];
      expect(planGroups(evses, true)).toMatchObject([{ maxPower: power, powerDerived: true }]);
      expect(planGroups(evses, false)).toEqual([]);
    });

    it.each([[{ max_voltage: 0 }], [{ max_amperage: null }], [{ power_type: 'STEAM' }]])('has none from %j', (part) => {
      expect(keys([evse(connector({ ...part, max_electric_power: null }))], true)).toEqual([]);
    });

    it('is one group with what is stated, which then counts as stated', () => {
      const evses = [evse(connector({ max_electric_power: null })), evse(connector({ max_electric_power: 22_080 }))];
      expect(planGroups(evses, true)).toMatchObject([{ maxPower: 22_080, members: [0, 1], powerDerived: false }]);
    });
  });
});
