import type { Connector, EVSE, Location } from '../../../generated/ocpi.js';
import { hereEvse } from '../carriage/extension.js';
import { hereKey } from '../carriage/here-key.js';
import { type PaymentSupport, paymentSupports } from '../carriage/vocabulary.js';
import { derivedPowerOf } from '../groups/derived-power.js';
import type { LivePlace } from '../live/live-places.js';
import { formatOf, hereStandardOf, powerTypeOf } from '../model/connector.js';
import { mobilePayments, payments, translated } from '../model/enums.js';
import { addressOf, baseOf, emspsOf, shownEvses } from '../model/place-parts.js';
import { kindOf, type Offer, typeNumber } from './facets.js';
import type { PlaceRow } from './place-index.js';

/** What is shown of a place and does not change with statuses; as JSON text in the index. */
export interface PlaceDetails {
  readonly name?: string | undefined;
  readonly operator: { readonly name: string; readonly partnerId: string };
  /** In one line. */
  readonly address?: string | undefined;
  readonly supportedVehicles?: readonly string[] | undefined;
  readonly restrictions?: readonly string[] | undefined;
  readonly paymentMethods?: readonly PaymentSupport[] | undefined;
  readonly providers?: readonly { readonly name: string; readonly partnerId: string }[] | undefined;
  /** Connectors of EVSEs that are shown, whether grouped or not. */
  readonly connectors: number;
  /** By {@link groupName}. */
  readonly groups: Readonly<Record<string, GroupDetails>>;
}

export interface GroupDetails {
  /** Absent where both are there, or neither is known. */
  readonly fixedCable?: boolean;
  readonly current: readonly ('AC' | 'DC')[];
  readonly phases?: number;
  readonly voltsRange?: string;
}

export const groupName = (standard: string, maxPower: number): string => `${standard} ${maxPower}`;

/** @param derivedPower whether a power that nobody stated is made from volts, amperes and phases, as in the groups */
export function placeRow(place: LivePlace, location: Location, derivedPower: boolean): PlaceRow {
  const base = baseOf(location, place.key);
  const { name, partnerId } = base.operator;
  const address = addressOf(location).address?.label;
  const providers = (emspsOf(location).eMobilityServiceProviders ?? []).map((one) => ({
    name: one.name,
    partnerId: one.partnerId,
  }));
  const evses = shownEvses(location);
  const connectors = evses.flatMap((evse) => (Array.isArray(evse.connectors) ? evse.connectors : []));
  const { offers, groups } = offersOf(connectors, derivedPower);
  const methods = paymentsOf(evses);
  const details: PlaceDetails = {
    name: base.name,
    operator: { name, partnerId },
    address,
    supportedVehicles: base.supportedVehicles,
    restrictions: base.restrictions,
    paymentMethods: methods.length > 0 ? methods : undefined,
    providers: providers.length > 0 ? providers : undefined,
    connectors: connectors.length,
    groups,
  };
  return {
    key: place.key,
    owner: place.owner,
    offset: place.offset,
    latitude: place.latitude,
    longitude: place.longitude,
    offers,
    payments: maskOf(methods),
    operator: { partnerId, name },
    providers: providers.map((provider) => provider.partnerId),
    details: JSON.stringify(details),
  };
}

/** One bit for each payment support. */
export const maskOf = (methods: readonly PaymentSupport[]): number =>
  methods.reduce((mask, method) => mask | (1 << paymentSupports.indexOf(method)), 0);

/** Of all its EVSEs together, as each of them shows them. HERE section 3.5. */
function paymentsOf(evses: readonly EVSE[]): PaymentSupport[] {
  const all = new Set<PaymentSupport>();
  for (const evse of evses) {
    for (const method of translated(payments, evse.capabilities)) all.add(method);
    if (evse[hereKey] !== undefined) for (const method of hereEvse(evse).paymentSupports ?? []) all.add(method);
  }
  for (const method of all) if (mobilePayments.has(method)) all.add('mobilePayment');
  return paymentSupports.filter((method) => all.has(method));
}

interface Collected {
  readonly formats: Set<string>;
  readonly currents: Set<'AC' | 'DC'>;
  readonly phases: Set<number>;
  readonly volts: number[];
}

function offersOf(
  connectors: readonly Connector[],
  derivedPower: boolean,
): { offers: Offer[]; groups: Record<string, GroupDetails> } {
  const offers = new Map<number, number>();
  const groups = new Map<string, Collected>();
  for (const connector of connectors) {
    const standard = hereStandardOf(connector);
    const type = standard === undefined ? undefined : typeNumber(standard);
    if (standard === undefined || type === undefined) continue;
    const powerType = powerTypeOf(connector);
    const power = wattsOf(connector, derivedPower);
    const kind = kindOf(type, powerType === 'dc');
    offers.set(kind, Math.max(offers.get(kind) ?? 0, power));
    if (power === 0) continue;
    const name = groupName(standard, power);
    const group = groups.get(name) ?? { formats: new Set(), currents: new Set(), phases: new Set(), volts: [] };
    groups.set(name, group);
    group.formats.add(formatOf(connector) ?? '');
    if (powerType !== undefined) group.currents.add(powerType === 'dc' ? 'DC' : 'AC');
    if (powerType === 'ac3Phase') group.phases.add(3);
    else if (powerType === 'ac1Phase') group.phases.add(1);
    else if (powerType !== undefined && powerType !== 'dc') group.phases.add(2);
    if (Number.isFinite(connector.max_voltage) && connector.max_voltage > 0) group.volts.push(connector.max_voltage);
  }
  return {
    offers: [...offers].map(([kind, power]) => ({ kind, power })),
    groups: Object.fromEntries([...groups].map(([name, group]) => [name, shownGroup(group)])),
  };
}

function wattsOf(connector: Connector, derivedPower: boolean): number {
  const stated = connector.max_electric_power;
  const whole = typeof stated === 'number' ? Math.round(stated) : 0;
  if (whole >= 1 && whole <= Number.MAX_SAFE_INTEGER) return whole;
  return derivedPower ? (derivedPowerOf(connector) ?? 0) : 0;
}

function shownGroup({ formats, currents, phases, volts }: Collected): GroupDetails {
  const [format] = formats.size === 1 ? formats : [''];
  const [phase] = phases.size === 1 ? phases : [];
  const [low, high] = [Math.min(...volts), Math.max(...volts)];
  return {
    ...(format === 'cable' && { fixedCable: true }),
    ...(format === 'socket' && { fixedCable: false }),
    current: [...currents].sort(),
    ...(phase !== undefined && { phases: phase }),
    ...(volts.length > 0 && { voltsRange: low === high ? `${low} V` : `${low}-${high} V` }),
  };
}
