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
