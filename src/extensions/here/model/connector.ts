import type { Connector } from '../../../generated/ocpi.js';
import { ciKey } from '../../../kernel/party-ref.js';
import { hereConnector } from '../carriage/extension.js';
import { hereKey } from '../carriage/here-key.js';
import { connectorStandards } from '../carriage/vocabulary.js';

const standards: ReadonlySet<string> = new Set(connectorStandards);

/**
 * HERE's name of a connector's type, in capitals throughout. The extension may name one for which OCPI 2.2.1 has no word (`MCS`,
 * `SAE_J3400`); what HERE does not know there does not count, and then OCPI's own field does. `undefined`: HERE has no word
 * for it, so the connector is not shown. HERE section 3.2.
 */
export function hereStandardOf(connector: Connector): string | undefined {
  if (connector[hereKey] !== undefined) {
    const override = known(hereConnector(connector).standard);
    if (override !== undefined) return override;
  }
  return known(connector.standard);
}

function known(standard: unknown): string | undefined {
  if (typeof standard !== 'string') return undefined;
  if (standards.has(standard)) return standard;
  const capitals = ciKey(standard);
  return standards.has(capitals) ? capitals : undefined;
}

const powerTypes = {
  AC_1_PHASE: 'ac1Phase',
  AC_2_PHASE: 'ac2Phase',
  AC_2_PHASE_SPLIT: 'ac2PhaseSplit',
  AC_3_PHASE: 'ac3Phase',
  DC: 'dc',
} as const;
export type PowerType = (typeof powerTypes)[keyof typeof powerTypes];

/** HERE section 3.3. */
export function powerTypeOf(connector: Connector): PowerType | undefined {
  return Object.hasOwn(powerTypes, connector.power_type)
    ? powerTypes[connector.power_type as keyof typeof powerTypes]
    : undefined;
}

/** HERE section 3.3. */
export function formatOf(connector: Connector): 'socket' | 'cable' | undefined {
  if (connector.format === 'SOCKET') return 'socket';
  return connector.format === 'CABLE' ? 'cable' : undefined;
}
