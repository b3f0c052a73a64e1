/** What the page shows, worked out from what the admin API says. Nothing here touches the page, so that tests can call it. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** @param {number} value */
export const count = (value) => value.toLocaleString('en');

/** A length of time in the largest unit that says enough, such as `4 s`. */
export function span(ms) {
  if (ms < second) return ms <= 0 ? '0 s' : '< 1 s';
  if (ms < 2 * minute) return `${Math.round(ms / second)} s`;
  if (ms < 2 * hour) return `${Math.round(ms / minute)} min`;
  if (ms < 2 * day) return `${Math.round(ms / hour)} h`;
  return `${Math.round(ms / day)} days`;
}

/** How long ago a time was; null: never. */
export function ago(time, now) {
  if (time === null) return 'never';
  const ms = now - Date.parse(time);
  return ms < 2 * second ? 'now' : `${span(ms)} ago`;
}

const statusTones = { CONNECTED: 'good', PLANNED: 'warn', OFFLINE: 'bad', SUSPENDED: 'bad' };
export const statusTone = (status) => statusTones[status] ?? '';
export const breakerTone = (state) => (state === 'closed' ? 'good' : state === 'open' ? 'bad' : 'warn');
const pullTones = { complete: 'good', running: '', waiting: '', stopped: 'warn', failed: 'bad' };
export const pullTone = (state) => pullTones[state] ?? '';

/** How far behind a lane is: the alert threshold is 60 s. */
export function lagOf(lane) {
  if (lane === undefined) return { text: '–', tone: '' };
  if (lane.lag_objects === 0) return { text: 'up to date', tone: '' };
  const objects = lane.lag_objects === 1 ? '1 object' : `${count(lane.lag_objects)} objects`;
  return { text: `${objects}, ${span(lane.lag_seconds * second)}`, tone: lane.lag_seconds > 60 ? 'bad' : '' };
}

/** `12 locations, 3 tariffs` */
export function objectsOf(objects) {
  const parts = Object.entries(objects).filter(([, number]) => number > 0);
  return parts.length === 0 ? '–' : parts.map(([kind, number]) => `${count(number)} ${kind}`).join(', ');
}

/** Parties and roles, at most `most` of them by name. */
export function partiesOf(roles, most = 4) {
  const names = roles.map(({ country_code, party_id, role }) => `${country_code}-${party_id} ${role}`);
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}

/** Parts of a whole in percent, if the whole is known and believable. */
export function progressOf({ objects, total, state }) {
  if (state === 'complete') return 100;
  return total === null || total <= 0 || objects > total ? undefined : Math.floor((100 * objects) / total);
}

/** Words of the message log that are neither ids nor parties. */
const outcomes = ['answered', 'refused', 'unreachable', 'timeout', 'limited', 'shed', 'failed'];

/**
 * What somebody looks for, as parameters of the message log: each form in turn until one finds something.
 * @returns {Record<string, string>[]}
 */
export function searchesOf(wanted) {
  const text = wanted.trim();
  if (text === '') return [{}];
  const party = /^([a-z]{2})[-*/ ]([a-z0-9]{3})$/i.exec(text);
  if (party) return [{ party: `${party[1]}/${party[2]}`.toUpperCase() }];
  if (outcomes.includes(text)) return [{ outcome: text }];
  if (
    /^(cdrs|chargingprofiles|commands|credentials|hubclientinfo|locations|sessions|tariffs|tokens|versions)$/.test(text)
  )
    return [{ module: text }];
  return [{ correlation_id: text }, { request_id: text }];
}

const outcomeTones = { answered: 'good', refused: 'warn', limited: 'warn', shed: 'warn' };
export const outcomeTone = (outcome) => outcomeTones[outcome] ?? 'bad';

/** Why a message went where it did, a line for each party that was looked at. */
export function reasonsOf({ rules, candidates, candidates_left_out: leftOut }) {
  const asked = ({ party, why, leg }) => {
    if (leg === undefined) return `${party} not asked: ${why}`;
    const codes = [leg.http_status && `HTTP ${leg.http_status}`, leg.status_code && `OCPI ${leg.status_code}`].filter(
      Boolean,
    );
    const id = leg.request_id === null ? '' : `, request id ${leg.request_id}`;
    return `${party} asked: ${why}; ${[leg.outcome, ...codes].join(', ')} after ${Math.round(leg.duration_ms)} ms${id}`;
  };
  return [
    ...(rules.length === 0 ? [] : [`Rules ${rules.join(', ')}`]),
    ...candidates.map(asked),
    ...(leftOut > 0 ? [`${count(leftOut)} more parties`] : []),
  ];
}

/** The large numbers at the top. */
export function figuresOf(partners, lanes, parkedTotal) {
  const objects = new Map();
  for (const partner of partners)
    for (const [kind, number] of Object.entries(partner.objects)) objects.set(kind, (objects.get(kind) ?? 0) + number);
  const connected = partners.filter(({ status }) => status === 'CONNECTED').length;
  const behind = lanes.filter(({ lag_objects }) => lag_objects > 0).length;
  return [
    ['Partners connected', `${connected} of ${partners.length}`],
    ...[...objects].map(([kind, number]) => [kind[0].toUpperCase() + kind.slice(1), count(number)]),
    ['Lanes behind', `${behind} of ${lanes.length}`],
    ['Parked objects', count(parkedTotal)],
  ];
}
