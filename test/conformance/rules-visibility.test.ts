import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Role, roles } from '../../src/kernel/module-id.js';
import { type PartyRef, partyKey } from '../../src/kernel/party-ref.js';
import { CurrentPolicy } from '../../src/platform/agreements/current-policy.js';
import type { Agreement } from '../../src/platform/agreements/index.js';
import {
  cast,
  type Guest,
  type GuestName,
  location,
  type PartnerName,
  type Sample,
  sampleTime,
  startTestHub,
  type TestHub,
  tariff,
  token,
} from '../support/hub/index.js';
import { fromParty, toParty } from './rows/kit.js';

/** Who reads what of whom, from the rules alone: nothing here asks the hub's own code what is right (R-41, H-15, T3, T21). */
const modules = ['locations', 'tariffs', 'tokens', 'sessions', 'cdrs', 'hubclientinfo'] as const;
type Module = (typeof modules)[number];
const stored = ['locations', 'tariffs', 'tokens'] as const;
const readers = ['CPO', 'EMSP', 'NSP', 'NAP', 'OTHER', 'SCSP'] as const satisfies readonly Role[];
type Reader = (typeof readers)[number];
const owners = ['own party', 'same platform', 'another CPO', 'another eMSP'] as const;
type Owner = (typeof owners)[number];
const sharings = ['open', 'that pair denied', 'owner closed', 'reader closed'] as const;
type Sharing = (typeof sharings)[number];

/** Roles that read what others own of a module in GET All; who is not named reads nothing. */
const readsOthers: Readonly<Record<(typeof stored)[number], readonly Reader[]>> = {
  locations: ['EMSP', 'NSP', 'NAP', 'OTHER', 'SCSP'],
  tariffs: ['EMSP', 'NSP', 'NAP', 'OTHER', 'SCSP'],
  tokens: ['CPO'],
};
/** Roles that may ask for a list at all. */
const asks = (role: Reader, module: Module): boolean => module !== 'tokens' || role === 'CPO';
/** Roles that own objects of a module. */
const owns: Readonly<Record<Module, readonly Role[]>> = {
  locations: ['CPO'],
  tariffs: ['CPO'],
  tokens: ['EMSP', 'OTHER'],
  sessions: ['CPO'],
  cdrs: ['CPO'],
  hubclientinfo: roles,
};

const ref = (key: string): PartyRef => ({ country_code: key.slice(0, 2), party_id: key.slice(3, 6) });
const keyOf = (role: Reader): string => `LU/R0${readers.indexOf(role) + 1}`;
/** On the reader's platform, both CPO and eMSP. */
const sisterOf = (role: Reader): string => `LU/S0${readers.indexOf(role) + 1}`;
const guest = (role: Reader): GuestName => `guest-${role}`;
const everything = ['locations', 'tariffs', 'tokens', 'sessions', 'cdrs'].flatMap((module) => [
  `${module} SENDER`,
  `${module} RECEIVER`,
]);
const guests: Record<GuestName, Guest> = Object.fromEntries(
  readers.map((role) => [
    guest(role),
    {
      parties: [`${keyOf(role)}/${role}`, `${sisterOf(role)}/CPO`, `${sisterOf(role)}/EMSP`],
      token: `token-of-a-reading-${role}`,
      offers: everything,
    },
  ]),
);
const otherCpo = 'DE/CP1';
const otherEmsp = 'FR/EM1';

/** The owner's party, the platform that it is on, and its roles. */
function ownerOf(role: Reader, owner: Owner): { key: string; on: PartnerName | GuestName; in: readonly Role[] } {
  switch (owner) {
    case 'own party':
      return { key: keyOf(role), on: guest(role), in: [role] };
    case 'same platform':
      return { key: sisterOf(role), on: guest(role), in: ['CPO', 'EMSP'] };
    case 'another CPO':
      return { key: otherCpo, on: 'P1', in: ['CPO'] };
    case 'another eMSP':
      return { key: otherEmsp, on: 'P2', in: ['EMSP'] };
  }
}

/** What P1 and P2 offer to be asked for; a guest offers everything. */
const offered: Readonly<Record<string, readonly Module[]>> = {
  P1: ['locations', 'tariffs', 'sessions', 'cdrs'],
  P2: ['tokens'],
};

/** An object that the hub holds: its id, its owner, and for Sessions and CDRs whose customer it was. */
interface Held {
  readonly id: string;
  readonly owner: string;
  readonly emsp?: string;
}

function heldOf(role: Reader, module: Module): Held[] {
  const [own, sister] = [keyOf(role), sisterOf(role)];
  if (module === 'sessions' || module === 'cdrs') {
    const pairs: [string, string][] = [
      [otherCpo, otherEmsp],
      [otherCpo, sister],
      [sister, otherEmsp],
      ...(role === 'CPO'
        ? ([
            [own, otherEmsp],
            [own, sister],
          ] as [string, string][])
        : ([
            [otherCpo, own],
            [sister, own],
          ] as [string, string][])),
    ];
    return pairs.map(([owner, emsp]) => ({ id: `${owner} ${emsp}`.replace(/\W/g, '-'), owner, emsp }));
  }
  return owners
    .map((owner) => ownerOf(role, owner))
    .filter((owner) => owner.in.some((one) => owns[module].includes(one)))
    .map(({ key }) => ({ id: key.replace('/', '-'), owner: key }));
}

/** A moment of sharing: what the operator has said, about whom. */
interface Moment {
  readonly sharing: Sharing;
  readonly reader: string;
  readonly owner: string;
}

/** Whether `giver` gives the module to the reader. One's own is nobody else's business. */
function gives(giver: string, { sharing, reader, owner }: Moment): boolean {
  if (giver === reader) return true;
  switch (sharing) {
    case 'open':
      return true;
    case 'that pair denied':
      return giver !== owner;
    case 'owner closed':
      return giver !== owner && reader !== owner;
    case 'reader closed':
      return false;
  }
}

/** Whether a list shows an object; default: no. */
function shows(role: Reader, module: Exclude<Module, 'hubclientinfo'>, held: Held, moment: Moment): boolean {
  const { reader } = moment;
  if (!asks(role, module)) return false;
  if (module === 'sessions' || module === 'cdrs') {
    if (held.owner === reader) return role === 'CPO';
    return held.emsp === reader && role !== 'CPO' && gives(held.owner, moment);
  }
  if (held.owner === reader || held.owner === sisterOf(role)) return true;
  return readsOthers[module].includes(role) && gives(held.owner, moment);
}

const cdrToken = (emsp: string) => ({ ...ref(emsp), uid: 'U1', type: 'RFID', contract_id: 'C1' });

/** The object on the wire. */
function objectOf(module: Exclude<Module, 'hubclientinfo'>, { id, owner, emsp = otherEmsp }: Held): Sample {
  const charge = {
    ...ref(owner),
    id,
    start_date_time: '2026-05-01T10:00:00Z',
    cdr_token: cdrToken(emsp),
    auth_method: 'WHITELIST',
    currency: 'EUR',
    last_updated: sampleTime,
  };
  switch (module) {
    case 'locations':
      return location(id, { ...ref(owner) });
    case 'tariffs':
      return tariff(id, { ...ref(owner) });
    case 'tokens':
      return token(id, { ...ref(owner) });
    case 'sessions':
      return { ...charge, kwh: 1.5, location_id: 'LOC1', evse_uid: 'E1', connector_id: '1', status: 'ACTIVE' };
    case 'cdrs':
      return {
        ...charge,
        end_date_time: '2026-05-01T11:00:00Z',
        cdr_location: {
          id: 'LOC1',
          address: 'Markt 1',
          city: 'Ulm',
          country: 'DEU',
          coordinates: { latitude: '48.39841', longitude: '9.99155' },
          evse_uid: 'E1',
          evse_id: 'DE*CP1*E1',
          connector_id: '1',
          connector_standard: 'IEC_62196_T2',
          connector_format: 'SOCKET',
          connector_power_type: 'AC_3_PHASE',
        },
        charging_periods: [{ start_date_time: '2026-05-01T10:00:00Z', dimensions: [{ type: 'ENERGY', volume: 1 }] }],
        total_cost: { excl_vat: 1 },
        total_energy: 1,
        total_time: 1,
      };
  }
}

let hub: TestHub;
const policy = new CurrentPolicy({ version: 0, agreements: [], closed: new Set() });
beforeAll(async () => {
  hub = await startTestHub({ reachable: true, guests, policy });
  for (const role of readers)
    for (const module of modules)
      if (module !== 'hubclientinfo')
        for (const held of heldOf(role, module)) {
          const sink = hub.pullSinks.find((one) => one.module === module);
          const body = objectOf(module, held);
          const context = { correlationId: 'fill', applyStale: false };
          expect(await sink?.accept(ref(held.owner), body, JSON.stringify(body), context)).toMatch(/stored|unchanged/);
        }
});
afterAll(() => hub.close());
beforeEach(() => hub.forget());

/** The operator says so from now on. `readers`: all parties that the reader's name stands for. */
function say({ sharing, owner }: Moment, module: string, them: readonly string[]): void {
  const deny = (giver: string, taker: string): Agreement => {
    return { id: `${giver}-${taker}`, giver, taker, module, effect: 'deny', createdAt: 0 };
  };
  const pairs = them.flatMap((reader) => [deny(owner, reader), ...(module === '*' ? [deny(reader, owner)] : [])]);
  policy.apply({
    version: policy.version + 1,
    agreements: sharing === 'that pair denied' ? pairs : [],
    closed: new Set(sharing === 'owner closed' ? [owner] : sharing === 'reader closed' ? them : []),
  });
}

const list = (role: Reader, module: Module, headers: Record<string, string> = {}) => {
  const query = module === 'sessions' ? '?date_from=2026-01-01T00:00:00Z' : '';
  const { country_code, party_id } = ref(keyOf(role));
  return hub.as(guest(role), 'GET', `${hub.url}/ocpi/2.2.1/sender/${module}${query}`, {
    headers: { ...fromParty(country_code, party_id), ...headers },
  });
};
const addressed = (key: string): Record<string, string> => toParty(ref(key).country_code, ref(key).party_id);
const receivers = (): string[] =>
  [...Object.keys(cast), ...Object.keys(guests)].filter((name) => hub.partner(name as PartnerName).received.length > 0);

const everyCell = readers.flatMap((role) => modules.map((module) => ({ role, module })));
const moments = (role: Reader): (Moment & { readonly kind: Owner })[] =>
  owners.flatMap((kind) =>
    sharings.map((sharing) => ({ sharing, kind, reader: keyOf(role), owner: ownerOf(role, kind).key })),
  );

describe('what a party sees of others', () => {
  it.each(everyCell.filter(({ module }) => module !== 'hubclientinfo'))(
    'R-41, T3, T21: $role lists $module: those objects and no others, and that total',
    async ({ role, module }) => {
      if (module === 'hubclientinfo') return;
      // What is stored for the other readers' platforms is a stranger's to this one.
      const all = readers.flatMap((other) => heldOf(other, module));
      const known = [...new Map(all.map((held) => [held.id, held])).values()];
      const seen: string[] = [];
      const wanted: string[] = [];
      for (const moment of moments(role)) {
        say(moment, module, [moment.reader]);
        const what = `${moment.kind}, ${moment.sharing}: `;
        const answer = await list(role, module);
        if (!asks(role, module)) {
          seen.push(`${what}${answer.status} ${answer.body.status_code} ${JSON.stringify(answer.body.data)}`);
          wanted.push(`${what}200 2001 undefined`);
          continue;
        }
        const ids = answer.list.map((one) => String(one.uid ?? one.id)).sort();
        seen.push(`${what}${answer.headers['x-total-count']} ${ids}`);
        const expected = known.filter((held) => shows(role, module, held, moment)).map(({ id }) => id);
        wanted.push(`${what}${expected.length} ${expected.sort()}`);
      }
      expect(seen).toEqual(wanted);
      expect(receivers()).toEqual([]);
    },
  );

  it.each(readers)('H-15, T3: %s lists hubclientinfo: those whom it may deal with, and that total', async (role) => {
    const platform = [keyOf(role), sisterOf(role)];
    const parties = [...Object.values(cast), ...Object.values(guests)]
      .flatMap((one) => [...one.parties])
      .filter((party) => !platform.includes(party.slice(0, 6)));
    for (const moment of moments(role)) {
      // A platform is told once for all its parties, so that all of them have to be kept from it.
      say(moment, '*', platform);
      const isTold = (party: string): boolean =>
        moment.sharing === 'open' || (moment.sharing !== 'reader closed' && party.slice(0, 6) !== moment.owner);
      const expected = parties.filter(isTold).sort();
      const answer = await list(role, 'hubclientinfo');
      const told = answer.list.map((one) => `${one.country_code}/${one.party_id}/${one.role}`).sort();
      expect([moment, told, answer.headers['x-total-count']]).toEqual([moment, expected, String(expected.length)]);
    }
  });

  it.each(readers)('R-42, T3: %s GETs a single Location: what its list does not show is not there', async (role) => {
    const { country_code, party_id } = ref(keyOf(role));
    for (const moment of moments(role)) {
      say(moment, 'locations', [moment.reader]);
      for (const held of heldOf(role, 'locations'))
        for (const path of ['', '/E1', '/E1/1']) {
          const answer = await hub.as(guest(role), 'GET', `${hub.sender.locations}/${held.id}${path}`, {
            headers: fromParty(country_code, party_id),
          });
          const isShown = shows(role, 'locations', held, moment);
          expect([moment, held.owner, answer.status, answer.body.status_code]).toEqual([
            moment,
            held.owner,
            ...(isShown ? [200, 1000] : [404, 2003]),
          ]);
          expect(answer.body.data === undefined).toBe(!isShown);
        }
    }
  });

  it.each(readers)("R-49, O-05, T3: %s reads no others' objects on the Receiver interface", async (role) => {
    for (const module of stored)
      for (const owner of owners) {
        const { key, on } = ownerOf(role, owner);
        if (on === guest(role)) continue;
        const answer = await hub.as(guest(role), 'GET', `${hub.receiver[module]}/${key}/${key.replace('/', '-')}`);
        expect([module, owner, answer.status, answer.body.status_code, answer.body.data]).toEqual([
          module,
          owner,
          404,
          2001,
          undefined,
        ]);
      }
    expect(receivers()).toEqual([]);
  });
});

describe('what is passed on between two parties', () => {
  const passed = everyCell.filter(({ module }) => module !== 'hubclientinfo');

  it.each(passed)('R-11, T3, T21: $role asks an owner for its $module: passed or refused', async ({ role, module }) => {
    for (const moment of moments(role)) {
      const { on } = ownerOf(role, moment.kind);
      say(moment, module, [moment.reader]);
      hub.forget();
      const answer = await list(role, module, addressed(moment.owner));
      const expected = !asks(role, module)
        ? 2001
        : // Strangers learn not even what the other one offers.
          !gives(moment.owner, moment)
          ? 4003
          : (offered[on] ?? modules).includes(module)
            ? 1000
            : 4000;
      expect([moment, answer.status, answer.body.status_code]).toEqual([moment, 200, expected]);
      expect([moment, receivers()]).toEqual([moment, expected === 1000 ? [on] : []]);
    }
  });

  it.each(passed)('R-11, T3: an owner tells $role of its $module: passed or refused', async ({ role, module }) => {
    if (module === 'hubclientinfo') return;
    for (const moment of moments(role)) {
      const { on, key, in: ownRoles } = ownerOf(role, moment.kind);
      say(moment, module, [moment.reader]);
      hub.forget();
      const held: Held = { id: 'pushed', owner: key, emsp: moment.reader };
      const isPost = module === 'cdrs';
      const path = isPost ? '' : `/${key}/${module === 'tokens' ? 'pushed?type=RFID' : 'pushed'}`;
      const head = hub.head();
      const { country_code, party_id } = ref(key);
      const url = `${hub.url}/ocpi/2.2.1/receiver/${module}${path}`;
      const answer = await hub.as(on, isPost ? 'POST' : 'PUT', url, {
        body: objectOf(module, held),
        headers: { ...addressed(moment.reader), ...fromParty(country_code, party_id) },
      });
      const isOwner = ownRoles.some((one) => owns[module].includes(one));
      const expected = !isOwner ? (isPost ? [200, 2001] : [404, 2001]) : gives(key, moment) ? [200, 1000] : [200, 4003];
      expect([moment, answer.status, answer.body.status_code]).toEqual([moment, ...expected]);
      expect([moment, receivers()]).toEqual([moment, expected[1] === 1000 ? [guest(role)] : []]);
      expect(await hub.changes(head)).toEqual([]);
    }
  });

  it('the table covers every role, module, owner and kind of sharing', () => {
    expect(readers.length * modules.length * owners.length * sharings.length).toBe(576);
    expect([...readers, 'HUB'].sort()).toEqual([...roles].sort());
    expect(new Set(readers.map(keyOf).map((key) => partyKey(ref(key)))).size).toBe(readers.length);
  });
});
