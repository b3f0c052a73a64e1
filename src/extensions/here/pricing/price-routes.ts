import type { Connector, Location } from '../../../generated/ocpi.js';
import type { Clock } from '../../../kernel/clock.js';
import { formatDateTime, parseDateTime } from '../../../kernel/date-time.js';
import { ciKey } from '../../../kernel/party-ref.js';
import { hereTariff as extensionOf } from '../carriage/extension.js';
import { derivedPowerOf } from '../groups/derived-power.js';
import { badRequest, notFound } from '../http/ev-error.js';
import type { EvCall, EvReply, EvRoute } from '../http/ev-route.js';
import type { LivePlace, LivePlaces } from '../live/live-places.js';
import { placeIdOf, placeKeyOf } from '../model/place-id.js';
import { hereStatusOf } from '../model/status.js';
import { parseTariffFilter } from '../tariffs/tariff-filter.js';
import type { PublishedTariff, TariffSource } from '../tariffs/tariff-source.js';
import { Exact, textOf } from './decimal.js';
import { isTimeZone } from './local-time.js';
import { priceSession, type SessionPrice } from './price-session.js';
import { type RateCard, rateCardOf } from './rate-card.js';
import { planSession, type UseSession } from './session.js';

export interface PriceRouteParts {
  readonly live: LivePlaces;
  /** Stored Locations by object key. */
  readonly locations: { find(key: string): Promise<string | undefined> };
  readonly tariffs: TariffSource;
  readonly clock: Clock;
}

const parameters = {
  connectorType: "Standard of a connector group in HERE's spelling; or give evseUid and connectorId.",
  maxPower: 'Power of the connector group in W; if absent, the one with the most power of its standard.',
  evseUid: 'Uid of an EVSE; together with connectorId.',
  connectorId: 'Id of a connector of that EVSE.',
  energy: 'Energy to be charged in kWh, more than 0 and up to 1000.',
  power:
    'What the car draws on average in kW; not more than the connector gives. The power of the connector if absent.',
  start: 'When charging begins, ISO 8601 in UTC; now if absent.',
  parking: 'Minutes that the car stays afterwards, 0 to 4320.',
  tariff: 'Which tariffs, as at /locations; ad-hoc prices if absent. May be repeated.',
} as const;

const maxEnergy = 1000;
const maxPowerKw = 10_000;
const maxParking = 4320;
/** Three days of charging; what takes longer is a mistake in the units. */
const maxHours = 72;

/** What a session would cost by each published tariff of a connector. */
export function priceRoutes(parts: PriceRouteParts): EvRoute[] {
  return [
    {
      path: '/locations/{id}/price',
      scope: 'locations',
      summary: 'What a planned session would cost at a connector, by each of its published tariffs.',
      parameters,
      handle: (call) => answer(parts, call),
    },
  ];
}

interface Outlet {
  readonly tariffIds: readonly unknown[] | null | undefined;
  /** W; undefined if it is not known. */
  readonly power: number | undefined;
}

async function answer({ live, locations, tariffs, clock }: PriceRouteParts, call: EvCall): Promise<EvReply> {
  const { query } = call;
  for (const name of Object.keys(parameters)) {
    if (name !== 'tariff' && query.getAll(name).length > 1) throw badRequest(`${name} may be given once`);
  }
  const filter = parseTariffFilter(query.getAll('tariff'));
  const energy = decimal(query, 'energy', maxEnergy);
  if (!energy) throw badRequest('energy is missing', 'Send the energy in kWh, such as energy=30.');
  const wish = decimal(query, 'power', maxPowerKw);
  const start = startOf(query.get('start')) ?? clock.now();
  const parkedMinutes = minutes(query.get('parking'));
  const { place, location } = await placeOf(live, locations, call);
  const outlet = outletOf(query, place, location);
  const given = outlet.power === undefined ? undefined : new Exact(outlet.power).div(1000);
  const power = wish && given ? Exact.min(wish, given) : (wish ?? given);
  if (!power) throw badRequest('the power of this connector is not known', 'Send power in kW.');
  if (energy.div(power).gt(maxHours)) throw badRequest(`the session would take more than ${maxHours} hours`);
  const { time_zone: timeZone } = location;
  const session = planSession({
    start,
    kwh: energy.toFixed(),
    maxPowerKw: power.toFixed(),
    parkedMinutes,
    timeZone: isTimeZone(timeZone) ? timeZone : 'UTC',
  });
  const known = await tariffs.of(location, filter, (owner) => call.sees(owner, 'tariffs'), start);
  const prices = known.indexesOf(outlet.tariffIds).flatMap((index) => known.published[index] ?? []);
  const end = session.periods.at(-1)?.end ?? start;
  return {
    body: {
      id: placeIdOf(place.key),
      session: {
        start: formatDateTime(start),
        end: formatDateTime(end),
        energy: textOf(energy),
        power: textOf(power),
        chargingSeconds: ((session.periods[0]?.end ?? start) - start) / 1000,
        parkingSeconds: parkedMinutes * 60,
      },
      prices: prices.map((tariff) => priceOf(tariff, session, isTimeZone(timeZone))),
    },
  };
}

/** Amounts as texts: they are exact, and a reader's floating point is not. */
function priceOf({ tariff, here }: PublishedTariff, session: UseSession, isLocal: boolean): unknown {
  const levels = extensionOf(tariff).overstayBatteryLevels ?? [];
  const unknowable = new Set([...levels.keys()].filter((place) => levels[place] !== undefined));
  const card = rateCardOf(tariff, unknowable);
  const price = priced(card, session);
  // Without the time zone the hours of the day are a guess.
  const isGuess = !isLocal && card.rows.some(({ condition: { time, date, days } }) => time || date || days);
  const { name, type, partner, partnerId } = here;
  return {
    tariff: { ...(name !== undefined && { name }), type, partner, partnerId },
    currency: price.currency,
    total: { excl: price.excl, ...(price.incl !== undefined && { incl: price.incl }) },
    breakdown: price.lines.map(({ dimension, measured, billed, price: perUnit, vat, excl, incl }) => ({
      dimension: names[dimension],
      measured,
      billed,
      price: perUnit,
      ...(vat !== undefined && { vat }),
      excl,
      ...(vat !== undefined && { incl }),
    })),
    ...(price.limits.length > 0 && {
      limitedBy: price.limits.map((limit) => (limit === 'min' ? 'minPrice' : 'maxPrice')),
    }),
    ...((price.isApproximate || isGuess) && { approximate: true }),
  };
}

function priced(card: RateCard, session: UseSession): SessionPrice {
  try {
    return priceSession(card, session);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw badRequest(error.message, 'Ask for a shorter session.');
  }
}

const names = { ENERGY: 'energy', TIME: 'time', PARKING_TIME: 'parkingTime', FLAT: 'flat' } as const;

async function placeOf(
  live: LivePlaces,
  locations: PriceRouteParts['locations'],
  call: EvCall,
): Promise<{ place: LivePlace; location: Location }> {
  const key = placeKeyOf(call.params.id ?? '');
  const place = key === undefined ? undefined : live.find(key);
  // Who may not see it cannot tell it from one that is not there.
  const text = place && call.sees(place.owner, 'locations') ? await locations.find(place.key) : undefined;
  if (!place || text === undefined) throw notFound('there is no such location');
  return { place, location: JSON.parse(text) as Location };
}

function outletOf(query: URLSearchParams, place: LivePlace, location: Location): Outlet {
  const [standard, uid, connectorId] = ['connectorType', 'evseUid', 'connectorId'].map((name) => query.get(name));
  const maxPower = decimal(query, 'maxPower', maxPowerKw * 1000);
  const namesOne = Boolean(uid) && Boolean(connectorId);
  if (namesOne === Boolean(standard) || Boolean(uid) !== Boolean(connectorId) || (namesOne && maxPower)) {
    throw badRequest('connectorType, or evseUid with connectorId, must be given', 'Name one connector or one group.');
  }
  if (standard) {
    const group = place.groups.find(
      (each) => each.standard === standard && (maxPower === undefined || maxPower.eq(each.maxPower)),
    );
    if (!group) throw notFound('the location has no such connector group');
    return { tariffIds: group.tariffIds, power: group.maxPower };
  }
  const connector = connectorOf(location, uid ?? '', connectorId ?? '');
  if (!connector) throw notFound('the location has no such connector');
  const said = Number(connector.max_electric_power ?? 0);
  return { tariffIds: connector.tariff_ids, power: said > 0 ? said : derivedPowerOf(connector) };
}

function connectorOf(location: Location, uid: string, connectorId: string): Connector | undefined {
  for (const evse of location.evses ?? []) {
    if (ciKey(String(evse.uid)) !== ciKey(uid) || hereStatusOf(evse.status) === undefined) continue;
    const found = evse.connectors?.find(({ id }) => ciKey(String(id)) === ciKey(connectorId));
    if (found) return found;
  }
  return undefined;
}

/** A number above 0, in plain decimals. */
function decimal(query: URLSearchParams, name: string, max: number): Exact | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const amount = /^\d{1,8}(\.\d{1,6})?$/.test(text) ? new Exact(text) : undefined;
  if (!amount || amount.isZero() || amount.gt(max))
    throw badRequest(`${name} must be a number above 0 and up to ${max}`);
  return amount;
}

function minutes(text: string | null): number {
  if (text === null) return 0;
  if (!/^\d{1,5}$/.test(text) || Number(text) > maxParking)
    throw badRequest(`parking must be 0 to ${maxParking} minutes`);
  return Number(text);
}

function startOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  const at = parseDateTime(text);
  if (at === undefined || at < 0) throw badRequest('start must be a date and time such as 2026-06-01T12:00:00Z');
  return at;
}
