import { beforeEach, describe, expect, it } from '@jest/globals';
import { createEvents, type HubEvents, type RequestServed } from './events.js';
import { openLog } from './logger.js';
import { createMetrics, type HubMetrics } from './metrics.js';

let now = 0;
let lines: Record<string, unknown>[] = [];
let metrics: HubMetrics;
let events: HubEvents;

beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  lines = [];
  const clock = { now: () => now };
  const { logger } = openLog({ level: 'info', clock, write: (line) => lines.push(JSON.parse(line)) });
  metrics = createMetrics({ withProcess: false });
  events = createEvents({ logger, metrics, clock });
});

const served: RequestServed = {
  method: 'PATCH',
  path: '/ocpi/2.2.1/receiver/locations/DE/CP1/L1/E1',
  module: 'locations',
  partnerId: 'p1',
  ids: { requestId: 'r1', correlationId: 'c1' },
  httpStatus: 200,
  statusCode: 1000,
  durationMs: 1.23456,
};

describe('requestServed', () => {
  it('counts a request of a functional module that went well and logs nothing at info', async () => {
    events.requestServed(served);
    expect(lines).toEqual([]);
    expect(await metrics.text()).toContain('roamhub_requests_total{module="locations",outcome="ok"} 1');
  });

  it('logs a handshake at info, with both ids', () => {
    events.requestServed({ ...served, module: 'credentials' });
    expect(lines).toMatchObject([
      { level: 'info', msg: 'request.served', request_id: 'r1', correlation_id: 'c1', duration_ms: 1.23 },
    ]);
  });

  it.each<[string, Partial<RequestServed>]>([
    ['unauthorized', { httpStatus: 401, statusCode: 2000 }],
    ['limited', { httpStatus: 429, statusCode: 2000 }],
    ['shed', { httpStatus: 503, statusCode: 3000 }],
    ['client_error', { statusCode: 2001 }],
    ['server_error', { statusCode: 3001 }],
    ['hub_error', { statusCode: 4001 }],
  ])('counts %s by its answer and warns', async (outcome, changes) => {
    events.requestServed({ ...served, ...changes });
    expect(lines).toMatchObject([{ level: 'warn', msg: 'request.refused', partner_id: 'p1' }]);
    expect(await metrics.text()).toContain(`roamhub_requests_total{module="locations",outcome="${outcome}"} 1`);
  });

  it('logs a fault of ours with its stack, even if the answer was 200/3000', () => {
    events.requestServed({ ...served, statusCode: 3000, fault: new Error('boom') });
    expect(lines).toMatchObject([{ level: 'error', err: { message: 'boom' } }]);
    expect(JSON.stringify(lines)).toContain('events.test');
  });

  it('writes at most five refusals a second of one kind, says how many it left out, and counts all', async () => {
    const refused = { ...served, statusCode: 2001 };
    for (let i = 0; i < 100; i++) events.requestServed(refused);
    expect(lines).toHaveLength(5);
    events.requestServed({ ...refused, partnerId: 'p2' });
    expect(lines).toHaveLength(6);
    now += 1000;
    events.requestServed(refused);
    expect(lines[6]).toMatchObject({ lines_left_out: 95 });
    expect(await metrics.text()).toContain('outcome="client_error"} 102');
  });
});

describe('the path of a request', () => {
  const shown = (module: string, path: string) => {
    events.requestServed({ ...served, module, path: `/ocpi/2.2.1/${path}`, statusCode: 2001 });
    return lines.at(-1)?.path;
  };

  it('is cut where it shows the uid of a Token (T20)', () => {
    expect(shown('tokens', 'receiver/tokens/FR/EM1/04AB12CD')).toBe('/ocpi/2.2.1/receiver/tokens/…');
    expect(shown('tokens', 'sender/tokens/04AB12CD/authorize')).toBe('/ocpi/2.2.1/sender/tokens/…');
    expect(shown('tokens', 'sender/tokens')).toBe('/ocpi/2.2.1/sender/tokens');
    expect(shown('tariffs', 'receiver/tariffs/DE/CP1/T1')).toBe('/ocpi/2.2.1/receiver/tariffs/DE/CP1/T1');
    expect(JSON.stringify(lines)).not.toContain('04AB12CD');
  });
});

describe('other events', () => {
  it('warns of a partner that reads Tokens in bulk (T21)', () => {
    events.tokensReadInBulk({ partnerId: 'p1', tokens: 100_001, since: 0 });
    expect(lines).toMatchObject([{ level: 'warn', msg: 'tokens.bulk-read', partner_id: 'p1', tokens: 100_001 }]);
  });

  it('counts what was passed on by what came of it there', async () => {
    const leg = { outcome: 'timeout', durationMs: 4_000 };
    events.requestServed({ ...served, statusCode: 4002, trace: { candidates: [{}, { leg }, { leg }] } });
    const text = await metrics.text();
    expect(text).toContain('roamhub_forwards_total{outcome="timeout"} 2');
    expect(text).toContain('roamhub_forward_seconds_sum{outcome="timeout"} 8');
  });

  it('counts entries that the message log lost, and warns unless they were repetition', async () => {
    events.messagesLost({ count: 7, reason: 'repeated' });
    expect(lines).toEqual([]);
    for (let n = 0; n < 50; n++) events.messagesLost({ count: 2, reason: 'full' });
    expect(lines).toHaveLength(5);
    expect(lines[0]).toMatchObject({ level: 'warn', msg: 'messages.lost', count: 2, reason: 'full' });
    const text = await metrics.text();
    expect(text).toContain('roamhub_messages_lost_total{reason="repeated"} 7');
    expect(text).toContain('roamhub_messages_lost_total{reason="full"} 100');
  });

  it("records a partner's failure as an outcome, not as an error of the hub", async () => {
    const attempt = { partnerId: 'p1', module: 'locations', object: 'DE/CP1/L1', method: 'PUT', durationMs: 12 };
    events.deliveryAttempted({ ...attempt, outcome: 'accepted', httpStatus: 200, statusCode: 1000 });
    events.deliveryAttempted({ ...attempt, outcome: 'unreachable', detail: 'Token S3CRETVALUE' });
    expect(lines).toMatchObject([{ level: 'info', msg: 'delivery.attempted', outcome: 'unreachable' }]);
    expect(JSON.stringify(lines)).not.toContain('S3CRETVALUE');
    const text = await metrics.text();
    expect(text).toContain('roamhub_pushes_total{outcome="accepted"} 1');
    expect(text).toContain('roamhub_pushes_total{outcome="unreachable"} 1');
  });

  it('counts acknowledged writes by what came of them', async () => {
    for (const effect of ['stored', 'stale', 'unchanged'] as const)
      events.writeAcknowledged({ module: 'tariffs', effect });
    const text = await metrics.text();
    expect(text).toContain('roamhub_acks_total{module="tariffs"} 3');
    expect(text).toContain('roamhub_stale_ignored_total{module="tariffs"} 1');
    expect(text).toContain('roamhub_unchanged_total{module="tariffs"} 1');
  });

  it('tells of breakers and pulls at the level they deserve', async () => {
    events.breakerChanged({ partnerId: 'p1', state: 'open' });
    events.breakerChanged({ partnerId: 'p1', state: 'closed' });
    const pull = { partnerId: 'p1', module: 'locations', stored: 2, unchanged: 3, refused: 4, durationMs: 1 };
    events.pullEnded({ ...pull, outcome: 'complete' });
    events.pullEnded({ ...pull, outcome: 'stopped' });
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'info', 'info', 'warn']);
    const text = await metrics.text();
    expect(text).toContain('roamhub_breaker_opened_total 1');
    expect(text).toContain('roamhub_pull_objects_total{outcome="refused"} 8');
  });

  it('tells of an overload once when it begins and once when it ends', async () => {
    const change = { delayMs: 312.5, storageDelayMs: 0, offeredPerSecond: 900, allowedPerSecond: 700, busiest: ['p1'] };
    events.overloadChanged({ ...change, overloaded: true, shed: 0 });
    events.overloadChanged({ ...change, overloaded: false, shed: 1_234 });
    expect(lines).toMatchObject([
      { level: 'warn', msg: 'overload.began', delay_ms: 312.5, busiest: ['p1'] },
      { level: 'info', msg: 'overload.ended', shed: 1_234 },
    ]);
    expect(await metrics.text()).toContain('roamhub_overloads_total 1');
  });
});
