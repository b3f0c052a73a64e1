import type { Connector } from '../../../generated/ocpi.js';
import { ciKey } from '../../../kernel/party-ref.js';
import { hereStandardOf } from '../model/connector.js';
import { derivedPowerOf } from './derived-power.js';

/** What grouping needs to know of an EVSE. */
export interface GroupedEvse {
  readonly connectors?: readonly Connector[] | null;
}

/** A group without anything that a status decides; EVSEs by their place in the list that was given. */
export interface PlannedGroup {
  readonly standard: string;
  /** W */
  readonly maxPower: number;
  readonly powerDerived: boolean;
  /** EVSEs that offer it, each once. */
  readonly members: readonly number[];
  /** For each member, the ids of its connectors that belong here. */
  readonly connectorIds: readonly (readonly string[])[];
  readonly tariffIds: readonly string[];
}

interface Draft {
  readonly standard: string;
  readonly maxPower: number;
  hasStated: boolean;
  readonly members: number[];
  readonly connectorIds: string[][];
  readonly tariffs: Map<string, string>;
}

/**
 * The connector groups of the EVSEs that a Location shows, most power first, then by standard.
 *
 * A connector whose power is not known belongs to none. With `derivedPower` it is made from volts, amperes and phases; derived and
 * stated powers of the same value are one group, since standard and power alone are the key, and the group counts as derived only
 * if no connector of it states its power. HERE sections 1.1 and 1.2.
 */
export function planGroups(evses: readonly GroupedEvse[], derivedPower: boolean): readonly PlannedGroup[] {
  const drafts = new Map<string, Draft>();
  for (const [index, evse] of evses.entries())
    for (const connector of evse.connectors ?? []) place(drafts, index, connector, derivedPower);
  return [...drafts.values()]
    .sort((a, b) => b.maxPower - a.maxPower || (a.standard < b.standard ? -1 : 1))
    .map(({ standard, maxPower, hasStated, members, connectorIds, tariffs }) => ({
      standard,
      maxPower,
      powerDerived: !hasStated,
      members,
      connectorIds,
      tariffIds: [...tariffs.values()],
    }));
}

function place(drafts: Map<string, Draft>, index: number, connector: Connector, derivedPower: boolean): void {
  const stated = watts(connector.max_electric_power);
  const maxPower = stated ?? (derivedPower ? derivedPowerOf(connector) : undefined);
  const standard = hereStandardOf(connector);
  if (maxPower === undefined || standard === undefined) return;
  const key = `${standard}:${maxPower}`;
  let draft = drafts.get(key);
  if (!draft) {
    draft = { standard, maxPower, hasStated: false, members: [], connectorIds: [], tariffs: new Map() };
    drafts.set(key, draft);
  }
  if (stated !== undefined) draft.hasStated = true;
  let ids = draft.members.at(-1) === index ? draft.connectorIds.at(-1) : undefined;
  if (!ids) {
    ids = [];
    draft.members.push(index);
    draft.connectorIds.push(ids);
  }
  const id = String(connector.id);
  if (!ids.some((one) => ciKey(one) === ciKey(id))) ids.push(id);
  for (const tariff of connector.tariff_ids ?? []) {
    const name = ciKey(String(tariff));
    if (!draft.tariffs.has(name)) draft.tariffs.set(name, String(tariff));
  }
}

/** Whole watts; undefined for what is no power. */
function watts(value: unknown): number | undefined {
  const whole = typeof value === 'number' ? Math.round(value) : 0;
  return whole >= 1 && whole <= Number.MAX_SAFE_INTEGER ? whole : undefined;
}
