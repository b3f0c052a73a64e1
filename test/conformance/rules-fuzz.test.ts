// Over 400 lines: the mutator, the judge and the list of endpoints are one seeded experiment.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { encodeAuthorization } from '../../src/kernel/credentials-token.js';
import { SchemaRegistry } from '../../src/platform/schema/index.js';
import {
  type Answer,
  at,
  callHttp,
  cast,
  connector,
  evse,
  location,
  parseRaw,
  type Sample,
  sendRaw,
  startTestHub,
  type TestHub,
  tariff,
  tokenA,
} from '../support/hub/index.js';
import { expectCodes } from './rows/kit.js';

/**
 * P18 in its quick form: so many mutated requests per endpoint, with good, foreign and no tokens. ROAMHUB_FUZZ_RUNS asks for
 * more of them, ROAMHUB_FUZZ_SEED for others.
 */
const runs = Number(process.env.ROAMHUB_FUZZ_RUNS ?? 2_000);
const seed = Number(process.env.ROAMHUB_FUZZ_SEED ?? 20_260_501);

/** Small seeded generator, so that a failure can be had again. */
class Dice {
  constructor(private state: number) {}
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
  chance(share: number): boolean {
    return this.next() < share;
  }
}

const oddTexts = [
  '',
  ' ',
  '\n',
  '\u0000',
  '#NA',
  'x'.repeat(300),
  'x'.repeat(70_000),
  'Köln',
  '\u202e',
  '\ud83d',
  '-1',
  '1e999',
  'null',
  "' OR 1=1 --",
  '__proto__',
  '2099-01-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  '../..',
  '<script>',
  at(1),
  at(-9999),
  'E1',
  'LOC1',
  'REMOVED',
  'DE',
  'CP1',
];
const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  -0,
  2 ** 53,
  [],
  {},
  [[]],
  [null],
  [{}],
  { a: { b: [] } },
  ...oddTexts,
];

/** Names of the fields that the schemas know, so that optional ones are hit as well. */
const fieldsOf = (file: string): string[] =>
  Object.keys(
    (JSON.parse(readFileSync(`ocpi-schemas/2.2.1/${file}.schema.json`, 'utf8')) as { properties: object }).properties,
  );
const names = [
  ...[
    'locations/location',
    'locations/evse',
    'locations/connector',
    'tariffs/tariff',
    'tariffs/tariff-element',
    'tariffs/price-component',
    'locations/hours',
    'locations/publish-token',
  ].flatMap(fieldsOf),
  'here_ext',
  'x_foo',
  'toString',
  'hasOwnProperty',
  '',
];

type Container = Record<string, unknown> | unknown[];
function containersOf(value: unknown, found: Container[] = []): Container[] {
  if (typeof value !== 'object' || value === null) return found;
  found.push(value as Container);
  for (const child of Object.values(value)) containersOf(child, found);
  return found;
}

/** A body with one to three things wrong or odd about it. */
function mutateObject(dice: Dice, sample: Sample): unknown {
  const body = structuredClone(sample);
  for (let turn = dice.below(3); turn >= 0; turn--) {
    const target = dice.of(containersOf(body));
    const keys = Object.keys(target);
    const key =
      dice.chance(0.7) && keys.length > 0
        ? dice.of(keys)
        : Array.isArray(target)
          ? String(target.length)
          : dice.of(names);
    const slot = target as Record<string, unknown>;
    switch (dice.below(5)) {
      case 0:
        if (Array.isArray(target)) target.splice(Number(key), 1);
        else delete slot[key];
        break;
      case 1:
        slot[key] = structuredClone(dice.of(containersOf(body)));
        break;
      case 2:
        if (Array.isArray(target)) target.push(...structuredClone(target));
        else slot[key] = Object.hasOwn(slot, key) ? [slot[key]] : [];
        break;
      default:
        slot[key] = structuredClone(dice.of(oddValues));
    }
  }
  return body;
}

/** The bytes of a body, at times broken as bytes. */
function mutateText(dice: Dice, value: unknown): Buffer {
  let text = JSON.stringify(value) ?? '';
  if (dice.chance(0.05))
    text = text.replace(/"(\w)/, (_, letter: string) => `"\\u00${letter.charCodeAt(0).toString(16).padStart(2, '0')}`);
  if (dice.chance(0.05)) text = text.replace('{', '{"id":"again",');
  if (dice.chance(0.03)) text = `${'['.repeat(dice.below(60))}${text}`;
  const bytes = Buffer.from(text);
  if (!dice.chance(0.15) || bytes.length === 0) return bytes;
  const place = dice.below(bytes.length);
  if (dice.chance(0.3)) return bytes.subarray(0, place);
  bytes[place] = dice.below(256);
  return bytes;
}

function mutatePath(dice: Dice, path: string): string {
  if (dice.chance(0.6)) return path;
  const parts = path.split('/');
  const place = 1 + dice.below(parts.length - 1);
  switch (dice.below(4)) {
    case 0:
      parts[place] = encodeURIComponent(dice.of(oddTexts.filter((text) => text.length < 400 && text !== '\ud83d')));
      break;
    case 1:
      parts.splice(place, 1);
      break;
    case 2:
      parts.push(dice.of(['x', '', '..', '%', '%zz', '%00', '%2f', 'E1']));
      break;
    default:
      parts[place] = (parts[place] ?? '').toLowerCase();
  }
  return parts.join('/') || '/';
}

const queryValues = ['', '0', '1', '-1', '10', '999999999', 'abc', at(0), '2026-05-01', '%', '+', 'zz', '1e3'];
function mutateQuery(dice: Dice): string {
  if (dice.chance(0.4)) return '';
  const count = dice.below(4);
  const pairs = Array.from(
    { length: count },
    () => `${dice.of(['offset', 'limit', 'date_from', 'date_to', 'position', 'x', ''])}=${dice.of(queryValues)}`,
  );
  return `?${pairs.join('&')}`;
}

const headerValues = [
  '',
  'NL',
  'HUB',
  'DE',
  'CP1',
  'de',
  'cp1',
  'XX',
  'YYY',
  'AT',
  'CP3',
  'x'.repeat(500),
  'gzip',
  'identity',
  '*',
  'text/plain',
  'application/json; charset=x',
  'a b',
  '0',
];
function mutateHeaders(dice: Dice): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const direction of ['to', 'from'])
    if (dice.chance(0.25)) {
      headers[`OCPI-${direction}-country-code`] = dice.of(['NL', 'DE', 'AT', 'FR', 'XX', 'd']);
      headers[`OCPI-${direction}-party-id`] = dice.of(['HUB', 'CP1', 'CP3', 'EM1', 'YYY', '?']);
    }
  for (let turn = dice.below(3); turn > 0; turn--)
    headers[
      dice.of([
        'OCPI-to-party-id',
        'OCPI-from-country-code',
        'X-Request-ID',
        'X-Correlation-ID',
        'Content-Type',
        'Content-Encoding',
        'Accept-Encoding',
        'Accept',
        'If-None-Match',
        'Range',
        'Cookie',
      ])
    ] = dice.of(headerValues);
  return headers;
}

let hub: TestHub;
let agent: http.Agent;
beforeAll(async () => {
  hub = await startTestHub();
  agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
});
/** Every endpoint begins with objects of three owners, of which the fuzzer has the token of the first. */
beforeEach(async () => {
  await hub.clear();
  for (const [partner, owner] of [
    ['P1', 'DE/CP1'],
    ['P5', 'AT/CP3'],
    ['P6', 'ES/SIS'],
  ] as const) {
    const [country_code, party_id] = owner.split('/');
    const own = { country_code, party_id };
    expectCodes(
      await hub.as(partner, 'PUT', `${hub.receiver.locations}/${owner}/LOC1`, { body: location('LOC1', own) }),
      201,
      1000,
    );
    expectCodes(
      await hub.as(partner, 'PUT', `${hub.receiver.tariffs}/${owner}/T1`, { body: tariff('T1', own) }),
      201,
      1000,
    );
  }
});
afterAll(async () => {
  agent.destroy();
  await hub.close();
});

/** Everything that belongs to others than DE/CP1, whose token the fuzzer has. */
function othersState(): string {
  const rows = ['location', 'tariff'].map((table) =>
    hub.storage.reader
      .prepare(`SELECT key, owner, last_updated, document FROM ${table} WHERE owner <> 'DE/CP1' ORDER BY key`)
      .all(),
  );
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}

const schemas = SchemaRegistry.load();

/** What was accepted is what the rules accept: no merge made something else of it. */
function judgeStored(): void {
  const rows = (table: string) =>
    hub.storage.reader.prepare(`SELECT document FROM ${table} WHERE owner = 'DE/CP1'`).pluck().all() as string[];
  const stored = { locations: rows('location'), tariffs: rows('tariff') };
  for (const text of stored.locations) expect(schemas.validate('locations/location', JSON.parse(text))).toBeUndefined();
  for (const text of stored.tariffs) expect(schemas.validate('tariffs/tariff', JSON.parse(text))).toBeUndefined();
}

/** What every answer must be, whatever was asked. */
function judge(answer: Answer): void {
  const { status, headers } = answer;
  if (![200, 201, 400, 401, 404, 405, 413, 415, 429, 431].includes(status))
    throw new Error(`HTTP ${status}: ${answer.text.slice(0, 300)}`);
  const { status_code: code, timestamp } = answer.body;
  if (!Number.isInteger(code) || code < 1000 || code >= 5000 || code === 3000)
    throw new Error(`OCPI ${code}: ${answer.text.slice(0, 300)}`);
  if ((Math.floor(code / 1000) === 1) !== status < 300 && status >= 300) throw new Error(`${status}/${code}`);
  if (Number.isNaN(Date.parse(timestamp))) throw new Error(`timestamp ${timestamp}`);
  if (!headers['x-request-id'] || !headers['x-correlation-id']) throw new Error(`no ids: ${answer.text.slice(0, 300)}`);
}

interface Target {
  readonly method: string;
  readonly path: string;
  readonly body?: Sample;
}
const receiver = '/ocpi/2.2.1/receiver';
const sender = '/ocpi/2.2.1/sender';
const targets: Target[] = [
  {
    method: 'PUT',
    path: `${receiver}/locations/DE/CP1/LOC1`,
    body: location('LOC1', { opening_times: { twentyfourseven: true }, here_ext: { a: 1 } }),
  },
  {
    method: 'PATCH',
    path: `${receiver}/locations/DE/CP1/LOC1`,
    body: {
      last_updated: at(2),
      name: 'x',
      evses: [{ uid: 'E1', status: 'CHARGING', connectors: [{ id: '1', max_voltage: 1 }] }],
    },
  },
  { method: 'PUT', path: `${receiver}/locations/DE/CP1/LOC1/E1`, body: evse('E1', { capabilities: ['RFID_READER'] }) },
  {
    method: 'PATCH',
    path: `${receiver}/locations/DE/CP1/LOC1/E1`,
    body: { last_updated: at(3), status: 'CHARGING', connectors: [{ id: '1', max_voltage: 2 }] },
  },
  { method: 'PUT', path: `${receiver}/locations/DE/CP1/LOC1/E1/1`, body: connector('1', { tariff_ids: ['T1'] }) },
  { method: 'PATCH', path: `${receiver}/locations/DE/CP1/LOC1/E1/1`, body: { last_updated: at(4), max_voltage: 3 } },
  { method: 'PUT', path: `${receiver}/tariffs/DE/CP1/T1`, body: tariff('T1', { min_price: { excl_vat: 1 } }) },
  { method: 'DELETE', path: `${receiver}/tariffs/DE/CP1/T1` },
  { method: 'GET', path: `${receiver}/locations/DE/CP1/LOC1` },
  { method: 'GET', path: `${receiver}/locations/DE/CP1/LOC1/E1` },
  { method: 'GET', path: `${receiver}/locations/DE/CP1/LOC1/E1/1` },
  { method: 'GET', path: `${receiver}/tariffs/DE/CP1/T1` },
  { method: 'GET', path: `${sender}/locations` },
  { method: 'GET', path: `${sender}/locations/LOC1` },
  { method: 'GET', path: `${sender}/locations/LOC1/E1` },
  { method: 'GET', path: `${sender}/locations/LOC1/E1/1` },
  { method: 'GET', path: `${sender}/tariffs` },
  { method: 'GET', path: '/ocpi/versions' },
  { method: 'GET', path: '/ocpi/2.2.1' },
];

/** The same request for an object of somebody else, as far as the caller can make it so. */
function foreign(target: Target, owner: string): Target {
  const [country_code, party_id] = owner.split('/');
  const path = target.path.replace('DE/CP1', owner);
  if (!target.body) return { ...target, path };
  return {
    ...target,
    path,
    body: { ...target.body, ...('party_id' in target.body ? { country_code, party_id } : {}) },
  };
}

function request(dice: Dice, endpoint: Target): Promise<Answer> {
  const target = dice.chance(0.1) ? foreign(endpoint, dice.of(['AT/CP3', 'ES/SIS', 'FR/EM1'])) : endpoint;
  const method = dice.chance(0.97)
    ? target.method
    : dice.of(['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE']);
  const token = dice.chance(0.8) ? cast.P1.token : dice.of([cast.P2.token, tokenA, 'unknown']);
  // At times nothing is wrong with the body itself.
  const body =
    target.body && (dice.chance(0.1) ? JSON.stringify(target.body) : mutateText(dice, mutateObject(dice, target.body)));
  return callHttp(method, hub.url + mutatePath(dice, target.path) + mutateQuery(dice), {
    token,
    agent,
    headers: mutateHeaders(dice),
    ...(body ? { body } : {}),
  });
}

describe(`P18 no input breaks a handler (${runs} requests per endpoint, seed ${seed})`, () => {
  it.each(targets)(
    '$method $path',
    async (target) => {
      const before = othersState();
      const dice = new Dice(seed + targets.indexOf(target));
      let accepted = 0;
      const worker = async (share: number): Promise<void> => {
        for (let run = 0; run < share; run++) {
          const answer = await request(dice, target);
          judge(answer);
          if (answer.status < 300 && answer.body.status_code === 1000) accepted++;
        }
      };
      await Promise.all(Array.from({ length: 16 }, (_, n) => worker(Math.ceil(runs / 16) - (n > 15 ? 1 : 0))));
      expect(hub.outcomes.filter((outcome) => outcome.fault !== undefined)).toEqual([]);
      hub.forget();
      judgeStored();
      expect(othersState()).toBe(before);
      // Mutants that are all refused would show little, and so would mutants that are all fine.
      expect(accepted).toBeGreaterThan(target.method === 'DELETE' ? 0 : runs / 200);
      expect(accepted).toBeLessThan(runs);
    },
    60_000,
  );

  it('bytes that are hardly HTTP', async () => {
    const dice = new Dice(seed);
    const body = JSON.stringify(location());
    const good = Buffer.from(
      `PUT ${receiver}/locations/DE/CP1/LOC1 HTTP/1.1\r\nHost: x\r\nAuthorization: ${encodeAuthorization(cast.P1.token)}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
    const attempt = async (): Promise<void> => {
      const bytes = Buffer.from(good);
      for (let turn = dice.below(4); turn >= 0; turn--) bytes[dice.below(bytes.length)] = dice.below(256);
      const cut = dice.chance(0.3) ? bytes.subarray(0, dice.below(bytes.length)) : bytes;
      const raw = await sendRaw(hub.url, cut, true);
      if (raw === '') return;
      const { status, headers, body: text } = parseRaw(raw);
      expect([200, 201, 400, 401, 404, 405, 413, 415, 429, 431, 503]).toContain(status);
      expect(headers.get('x-request-id')).toBeDefined();
      if (text !== '')
        expect(JSON.parse(text)).toMatchObject({ status_code: expect.any(Number), timestamp: expect.any(String) });
    };
    const before = othersState();
    for (let turn = 0; turn < 30; turn++) await Promise.all(Array.from({ length: 16 }, attempt));
    expect(othersState()).toBe(before);
    expectCodes(await hub.as('P2', 'GET', '/ocpi/versions'), 200, 1000);
  }, 30_000);
});
