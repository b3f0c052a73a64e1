import type { Connector } from '../../../generated/ocpi.js';

/** Conductors that carry the current; OCPI's voltage is that between line and neutral. */
const phases: Readonly<Record<string, number>> = {
  AC_1_PHASE: 1,
  AC_2_PHASE: 2,
  AC_2_PHASE_SPLIT: 2,
  AC_3_PHASE: 3,
  DC: 1,
};

/** Power from volts, amperes and phases, W; undefined if one of them is missing or none. HERE section 1.2. */
export function derivedPowerOf(connector: Connector): number | undefined {
  const { max_voltage: volts, max_amperage: amperes, power_type: type } = connector;
  const power = Math.round(Number(volts) * Number(amperes) * (phases[type] ?? Number.NaN));
  return power >= 1 && power <= Number.MAX_SAFE_INTEGER ? power : undefined;
}
