import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeAuthorization, encodeAuthorization } from '../../src/kernel/credentials-token.js';
import { parseDateTime } from '../../src/kernel/date-time.js';
import { acceptMessageId } from '../../src/kernel/message-ids.js';
import { readRoutingHeaders } from '../../src/platform/routing/index.js';
import { type SchemaName, SchemaRegistry } from '../../src/platform/schema/index.js';
import {
  at,
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
} from '../support/hub/index.js';
import {
  expectCodes,
  expectNothingStored,
  fromParty,
  held,
  locationUrl,
  onAnotherHub,
  patch,
  putLocation,
  tariffUrl,
  toParty,
} from './rows/kit.js';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
});
beforeEach(() => hub.clear());
afterAll(() => hub.close());

/** Every endpoint that writes, with a body that would be fine. */
const writes = (owner = 'DE/CP1'): [string, string, Sample | undefined][] => {
  const { locations, tariffs } = hub.receiver;
  const [country_code, party_id] = owner.split('/');
  const own = { country_code, party_id };
  const change = { last_updated: at(1) };
  return [
    ['PUT', `${locations}/${owner}/LOC1`, location('LOC1', own)],
    ['PATCH', `${locations}/${owner}/LOC1`, { ...change, name: 'taken over' }],
    ['PUT', `${locations}/${owner}/LOC1/E1`, evse('E1', change)],
    ['PATCH', `${locations}/${owner}/LOC1/E1`, { ...change, status: 'BLOCKED' }],
    ['PUT', `${locations}/${owner}/LOC1/E1/1`, connector('1', change)],
    ['PATCH', `${locations}/${owner}/LOC1/E1/1`, { ...change, max_voltage: 1 }],
    ['PUT', `${tariffs}/${owner}/T1`, tariff('T1', own)],
    ['DELETE', `${tariffs}/${owner}/T1`, undefined],
  ];
};
const fill = async (): Promise<string> => {
  await putLocation(hub);
  expectCodes(await hub.as('P1', 'PUT', tariffUrl(hub), { body: tariff() }), 201, 1000);
  return stored();
};
/** Everything that is stored, to the letter. */
const stored = (): string =>
  JSON.stringify(
    ['location', 'tariff'].map((table) =>
      hub.storage.reader.prepare(`SELECT key, document FROM ${table} ORDER BY id`).all(),
    ),
  );

describe('T2 a good token with a foreign party', () => {
  it.each([
    ['a foreign owner in the path', 'P2', {}],
    ['a foreign owner in the path and FROM', 'P2', fromParty('DE', 'CP1')],
    ['a foreign owner in the path, its own FROM', 'P5', fromParty('DE', 'CP2')],
    ['its own path, a foreign FROM', 'P1', fromParty('FR', 'EM1')],
    ['its own path, an unknown FROM', 'P1', fromParty('XX', 'YYY')],
  ] as const)('changes nothing and tells nobody: %s', async (_, partner, headers) => {
    const before = await fill();
    const head = hub.head();
    for (const [method, url, body] of writes()) {
      const answer = await hub.as(partner, method, url, { ...(body ? { body } : {}), headers });
      expect([answer.body.status_code, [200, 404].includes(answer.status)]).toEqual([2001, true]);
    }
    expect([stored(), hub.head()]).toEqual([before, head]);
  });

  it('reads nothing of others on the Receiver interface', async () => {
    await fill();
    for (const url of [locationUrl(hub), locationUrl(hub, 'LOC1', 'E1'), tariffUrl(hub)])
      expectCodes(await hub.as('P5', 'GET', url), 404, 2001);
  });

  it('is not taken in by letters that only look like its own', async () => {
    for (const party of ['S\u0131S', 'SI\u017f']) {
      const url = `${hub.receiver.locations}/ES/${encodeURIComponent(party)}/LOC1`;
      expectCodes(await hub.as('P6', 'GET', url), 404, 2001);
      expectCodes(
        await hub.as('P6', 'PUT', url, { body: location('LOC1', { country_code: 'ES', party_id: 'SIS' }) }),
        404,
        2001,
      );
    }
    expectCodes(await hub.as('P2', 'GET', '/ocpi/versions'), 200, 1000);
  });
});

describe('T11 encoded bodies', () => {
  it('are refused on every route that takes one', async () => {
    const before = await fill();
    for (const [method, url, body] of writes().filter(([, , entry]) => entry)) {
      for (const encoding of ['gzip', 'br', 'deflate', 'compress', 'gzip, gzip']) {
        const packed = { body: gzipSync(JSON.stringify(body)), headers: { 'Content-Encoding': encoding } };
        expectCodes(await hub.as('P1', method, url, packed), 415, 2001);
      }
    }
    expect(stored()).toBe(before);
  });
});

describe('T12 slow clients', () => {
  it('leave the others alone while they are waited for, and are then cut off in the envelope', () =>
    onAnotherHub({ patience: { headersMs: 300, requestMs: 600, checkMs: 50 } }, async (own) => {
      const request = `GET /ocpi/versions HTTP/1.1\r\nAuthorization: ${encodeAuthorization(cast.P1.token)}\r\nX-Slow: `;
      const slow = Array.from({ length: 200 }, () => sendRaw(own.url, request));
      for (let n = 0; n < 20; n++) expectCodes(await own.as('P2', 'GET', '/ocpi/versions'), 200, 1000);
      for (const raw of await Promise.all(slow)) {
        const { status, body } = parseRaw(raw);
        expect([status, JSON.parse(body)]).toMatchObject([408, { status_code: 2000 }]);
      }
    }));
});

describe('T13 hostile JSON', () => {
  it.each([
    ['80 kB of brackets', () => '['.repeat(40_000) + ']'.repeat(40_000), 400],
    ['brackets that never close', () => '['.repeat(80_000), 400],
    ['objects in objects', () => `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`, 400],
    ['too many values', () => `[${'0,'.repeat(60_000)}0]`, 400],
    ['a body over the limit', () => JSON.stringify({ a: 'x'.repeat(1024 * 1024) }), 413],
    [
      '__proto__',
      () => JSON.stringify(location()).replace('"publish":', '"__proto__":{"publish":true},"publish":'),
      200,
    ],
    [
      'constructor, deep down',
      () => JSON.stringify(location('LOC1', { x: [{ y: 1 }] })).replace('"y"', '"constructor"'),
      200,
    ],
    ['a key given twice', () => JSON.stringify(location()).replace('"id":', '"id":"LOC2","id":'), 200],
    [
      'a key given twice in two spellings',
      () => JSON.stringify(location()).replace('"id":', '"\\u0069d":"LOC2","id":'),
      200,
    ],
  ])('is refused: %s', async (_, make, status) => {
    const answer = await hub.as('P1', 'PUT', locationUrl(hub), { body: make() });
    expectCodes(answer, status, 2001);
    await expectNothingStored(hub, hub.head());
    expect(({} as { publish?: unknown }).publish).toBeUndefined();
  });

  it('of 64 kB is all that a PATCH may bring', async () => {
    await putLocation(hub);
    const body = { last_updated: at(1), x: 'x'.repeat(64 * 1024) };
    for (const ids of [['LOC1'], ['LOC1', 'E1'], ['LOC1', 'E1', '1']])
      expectCodes(await hub.as('P1', 'PATCH', locationUrl(hub, ...ids), { body }), 413, 2001);
    expect(await held(hub)).toEqual(location());
  });
});

describe('T14 patterns that are slow on purpose', () => {
  const long = 64 * 1024;
  /** Long texts of one or two characters that nearly match, and end wrong. */
  const hostile = [
    ...new Set([
      ...'aA0159-+:.TZ /"\\\u00e4\u0000\u{1f50c}',
      '0:',
      '1.',
      'a-',
      'A1',
      '9',
      '2026-05-01T12:00:00.',
      '-90.',
    ]),
  ].flatMap((part) => {
    const text = part.repeat(Math.ceil(long / part.length));
    return [
      text,
      `${text}!`,
      ...['50.', '-6.9', '2026-05-01T12:00:00.', '08:', 'https://x.example/'].map((head) => `${head}${text}!`),
    ];
  });
  const fastest = (work: () => unknown): number => {
    let best = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < 3 && best > 10; turn++) {
      const start = performance.now();
      work();
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  const files = readdirSync('ocpi-schemas', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.json'),
  );
  const texts = files.map((file) => readFileSync(path.join('ocpi-schemas', file), 'utf8'));
  const patterns = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/"pattern": ("(?:[^"\\]|\\.)*")/g)].map((match) => JSON.parse(match[1] ?? '""') as string),
    ),
  );

  it('are none of the schemas, and so nowhere in the judgement of an object', () => {
    expect(patterns.size).toBeGreaterThan(10);
    // In a context of its own a pattern that never ends can be stopped.
    const context = vm.createContext({ pattern: '', text: '' });
    const compile = new vm.Script("compiled = new RegExp(pattern, 'u')");
    const test = new vm.Script('compiled.test(text)');
    const isSlow = (text: string): boolean => {
      context.text = text;
      try {
        return fastest(() => test.runInContext(context, { timeout: 500 })) > 10;
      } catch {
        return true;
      }
    };
    const slow = [...patterns].filter((pattern) => {
      context.pattern = pattern;
      compile.runInContext(context);
      return hostile.some(isSlow);
    });
    expect(slow).toEqual([]);
    const registry = SchemaRegistry.load();
    const objects: [SchemaName, Sample][] = [
      ['locations/location', location('LOC1', { operator: { name: 'x', website: 'https://x.example' } })],
      ['locations/evse', evse()],
      ['locations/connector', connector()],
      ['tariffs/tariff', tariff()],
    ];
    for (const [name, object] of objects)
      for (const field of [...Object.keys(object), 'x_foo'])
        expect({
          name,
          field,
          slow: hostile.filter((text) => fastest(() => registry.validate(name, { ...object, [field]: text })) > 10)
            .length,
        }).toEqual({ name, field, slow: 0 });
  });

  it('are none of the readers of headers and queries', () => {
    const readers: Record<string, (text: string) => unknown> = {
      decodeAuthorization: (text) => decodeAuthorization(`Token ${text}`),
      parseDateTime,
      acceptMessageId,
      readRoutingHeaders: (text) => {
        try {
          return readRoutingHeaders({ 'ocpi-to-country-code': text, 'ocpi-to-party-id': text });
        } catch {
          return undefined;
        }
      },
    };
    for (const [name, read] of Object.entries(readers))
      expect({ name, slow: hostile.filter((text) => fastest(() => read(text)) > 10).length }).toEqual({
        name,
        slow: 0,
      });
  });
});

describe('T15 injected text', () => {
  const texts = [
    "' OR '1'='1",
    "'; DROP TABLE location; --",
    '" OR 1=1 --',
    '%',
    '_',
    '*',
    '\\',
    '{"$ne":null}',
    '[object Object]',
    'undefined',
    'null',
    '../..',
    '\u0000',
    'a\u0000b',
    ['$', '{7*7}'].join(''),
    '{{7*7}}',
    '%25',
    '%2F',
  ];

  it('in paths, queries and headers finds nothing and breaks nothing', async () => {
    const before = await fill();
    const head = hub.head();
    for (const text of texts) {
      const part = encodeURIComponent(text);
      for (const url of [
        `${hub.sender.locations}/${part}`,
        `${hub.sender.locations}/LOC1/${part}`,
        `${hub.sender.locations}/LOC1/E1/${part}`,
      ])
        expectCodes(await hub.as('P2', 'GET', url), 404, 2003);
      for (const ids of [[part], ['LOC1', part], ['LOC1', 'E1', part]])
        expectCodes(await hub.as('P1', 'GET', locationUrl(hub, ...ids)), 404, 2003);
      expectCodes(await hub.as('P1', 'GET', tariffUrl(hub, part)), 404, 2001);
      expectCodes(await hub.as('P1', 'DELETE', tariffUrl(hub, part)), 404, 2001);
      for (const owner of [`${part}/CP1`, `DE/${part}`])
        expectCodes(await hub.as('P1', 'GET', `${hub.receiver.locations}/${owner}/LOC1`), 404, 2001);
      for (const name of ['offset', 'limit', 'date_from', 'date_to', ...(/^[0-9a-z]+$/.test(text) ? [] : ['position'])])
        expectCodes(await hub.as('P2', 'GET', `${hub.sender.tariffs}?${name}=${part}`), 200, 2001);
      const readable = text.replaceAll('\u0000', '');
      for (const name of ['OCPI-to-party-id', 'OCPI-from-country-code'])
        expectCodes(await hub.as('P2', 'GET', hub.sender.tariffs, { headers: { [name]: readable } }), 200, 2001);
      const stranger = await hub.call('GET', hub.sender.tariffs, { headers: { Authorization: `Token ${readable}` } });
      expect([[401, 429].includes(stranger.status), stranger.body.status_code]).toEqual([true, 2000]);
    }
    expect([stored(), hub.head()]).toEqual([before, head]);
  });

  it('as an id is an id like any other', async () => {
    for (const text of texts.filter((one) => /^[ -~]+$/.test(one))) {
      const url = `${hub.receiver.locations}/DE/CP1/${encodeURIComponent(text)}`;
      expectCodes(await hub.as('P1', 'PUT', url, { body: location(text) }), 201, 1000);
      expect((await hub.as('P1', 'GET', url)).data).toEqual(location(text));
      expect((await hub.as('P2', 'GET', `${hub.sender.locations}/${encodeURIComponent(text)}`)).data).toEqual(
        location(text),
      );
    }
  });
});

describe('T25 clocks that run ahead', () => {
  const minutes = (ahead: number): string => new Date(hub.now + ahead * 60_000).toISOString();

  it('do not freeze an object: a stamp in the future is refused, a later normal one applied', async () => {
    await putLocation(hub);
    for (const stamp of ['2099-01-01T00:00:00Z', minutes(6)]) {
      await patch(hub, ['LOC1', 'E1'], { status: 'BLOCKED', last_updated: stamp }, 200, 2001);
      await patch(hub, ['LOC1'], { name: 'x', last_updated: stamp }, 200, 2001);
      await patch(hub, ['LOC1'], { evses: [{ uid: 'E1', last_updated: stamp }] }, 200, 2001);
      await patch(hub, ['LOC1', 'E1', '1'], { max_voltage: 1, last_updated: stamp }, 200, 2001);
      for (const [url, body] of [
        [locationUrl(hub), location('LOC1', { last_updated: stamp })],
        [locationUrl(hub), location('LOC1', { evses: [evse('E1', { last_updated: stamp })] })],
        [locationUrl(hub, 'LOC1', 'E1'), evse('E1', { connectors: [connector('1', { last_updated: stamp })] })],
        [locationUrl(hub, 'LOC1', 'E1', '1'), connector('1', { last_updated: stamp })],
        [tariffUrl(hub), tariff('T1', { last_updated: stamp })],
      ] as const)
        expectCodes(await hub.as('P1', 'PUT', url, { body }), 200, 2001);
    }
    expect(await held(hub)).toEqual(location());
    await patch(hub, ['LOC1', 'E1'], { status: 'CHARGING', last_updated: minutes(4) });
    expect(await held(hub, 'LOC1', 'E1')).toMatchObject({ status: 'CHARGING' });
  });
});

describe('the wire', () => {
  it('gives nothing away about the machinery', async () => {
    const answer = await hub.as('P2', 'GET', hub.sender.locations);
    for (const name of ['x-powered-by', 'server', 'etag', 'access-control-allow-origin'])
      expect(answer.headers).not.toHaveProperty(name);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('splits no header: what cannot be echoed is replaced', async () => {
    const raw = await sendRaw(
      hub.url,
      `GET /ocpi/versions HTTP/1.1\r\nAuthorization: ${encodeAuthorization(cast.P1.token)}\r\nX-Request-ID: a\tb\r\nX-Correlation-ID: ${'x'.repeat(300)}\r\nConnection: close\r\n\r\n`,
    );
    const { status, headers } = parseRaw(raw);
    expect(status).toBe(200);
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('leads nobody on: TO a party that exists is no way to learn of it without a token', async () => {
    expectCodes(await hub.call('GET', hub.sender.locations, { headers: toParty('DE', 'CP1') }), 401, 2000);
  });
});
