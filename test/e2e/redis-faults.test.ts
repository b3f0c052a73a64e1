import { mkdirSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { lasting, report, until, World } from '../support/e2e/index.js';
import { LagSeries } from '../support/e2e/lag-series.js';
import { redisContents } from '../support/e2e/redis-contents.js';
import { RedisServer, redisProgram } from '../support/e2e/redis-server.js';
import { Relay } from '../support/e2e/relay.js';
import { describeUnless } from '../support/services/index.js';

/** How long each fault lasts at least. Short ones show what happens; sixty seconds are what operators know. */
const outageMs = Number(process.env.ROAMHUB_TEST_OUTAGE_SECONDS ?? 2.5) * 1_000;
/** Changes come in bursts so far apart that lanes come to rest: only then does a wake-up pass Redis. */
const burst = { size: 25, everyMs: 400 };
/** Before and after a fault, ms. */
const calmMs = 1_000;
const returnMs = Math.min(30_000, outageMs);
/** Beyond this a push is later than a busy machine explains, ms. */
const noticeableMs = 1_500;

const missing = redisProgram() === undefined ? 'no redis-server program to kill; install Redis' : undefined;

describeUnless(missing, 'a hub whose Redis fails in every way (P8)', () => {
  let world: World;
  let redis: RedisServer;
  let relay: Relay;
  let cpo: CpoSimulator;
  let emsps: EmspSimulator[];
  let lags: LagSeries;

  beforeAll(async () => {
    redis = await RedisServer.prepare();
    relay = await Relay.prepare(redis.url);
    await relay.open();
    world = await World.start({ env: { ROAMHUB_REDIS_URL: relay.urlOf(redis.url) } });
    cpo = await world.cpo('DE/CP1', { pushOnly: true });
    cpo.generate(20);
    emsps = [await world.emsp('NL/EM1'), await world.emsp('BE/EM2')];
    lags = new LagSeries(emsps);
  });

  afterAll(async () => {
    await world.close();
    await relay.cut();
    await redis.remove();
  });

  const isDegraded = async (): Promise<boolean> => {
    const { status, text } = await world.hub.ready();
    const { ready, degraded } = JSON.parse(text) as { ready: boolean; degraded: string[] };
    // Redis never decides whether the hub is ready.
    expect({ status, ready }).toEqual({ status: 200, ready: true });
    return degraded.length > 0;
  };
  const degraded = (wanted: boolean): Promise<unknown> =>
    until(`Redis is ${wanted ? 'away' : 'there'}`, async () => (await isDegraded()) === wanted, { deadlineMs: 30_000 });

  /** A stream of changes before, during and after a fault: all acknowledged, none lost, none late. */
  const survive = async (what: string, begin: () => Promise<unknown>, end: () => Promise<unknown>): Promise<void> => {
    const before = cpo.stream?.accepted ?? 0;
    const startedAt = Date.now();
    let endAt = Number.POSITIVE_INFINITY;
    let count = 0;
    const streaming = (async () => {
      for (let at = startedAt; at < endAt; at += burst.everyMs) {
        await lasting(Math.max(0, at - Date.now()));
        count += burst.size;
        await cpo.runStream({ rate: 1_000, count: burst.size });
      }
    })();
    await lasting(calmMs);
    const brokenAt = Date.now();
    try {
      await begin();
      await lasting(Math.max(0, brokenAt + outageMs - Date.now()));
      await end();
    } finally {
      endAt = Date.now() + returnMs;
    }
    const mendedAt = endAt - returnMs;
    const usedAgain = degraded(false).then(() => Date.now() - mendedAt);
    await streaming;
    const againMs = await usedAgain;
    const convergedMs = await world.converged(emsps, 10_000);
    const { accepted = 0, failed, refused } = cpo.stream ?? {};
    const normal = lags.between(startedAt, brokenAt);
    const during = lags.between(brokenAt, mendedAt + returnMs);
    const lastLate = lags.lastAbove(normal.p99 + noticeableMs, mendedAt);
    const backMs = lastLate === undefined ? 0 : lastLate - mendedAt;
    report(
      `${what}: ${accepted - before}/${count} acknowledged; lag p99 ${normal.p99} ms before, ${during.p99} (max ${during.max}) during; ` +
        `in use again after ${againMs} ms, normal after ${backMs} ms; converged after ${Math.round(convergedMs)} ms; ` +
        `per ${seriesMs} ms: ${lags.line(startedAt, seriesMs)}`,
    );
    expect({ accepted: accepted - before, failed, refused }).toEqual({ accepted: count, failed: 0, refused: 0 });
    expect(during.max - normal.p99).toBeLessThanOrEqual(5_000);
    expect(backMs).toBeLessThanOrEqual(30_000);
    expect(againMs).toBeLessThanOrEqual(30_000);
    for (const { receiver } of emsps) expect(receiver.receipts.firstRegressions).toEqual([]);
  };
  const seriesMs = Math.max(500, outageMs / 6);

  it('is absent at the start and appears later', async () => {
    await degraded(true);
    await world.join(cpo, ...emsps);
    const { accepted, total } = await cpo.putAll();
    expect(accepted).toBe(total);
    await world.converged(emsps, 10_000);
    await survive(
      'absent at start',
      () => degraded(true),
      () => redis.start(),
    );
    expect(await redisContents(redis.url.href)).toContain('lane');
  });

  it('is killed and reads its file for a while when it is back', async () => {
    const slow = await redis.makeSlow(1_500);
    await survive(
      'kill -9',
      async () => {
        await redis.kill();
        await degraded(true);
      },
      () => redis.start(slow),
    );
  });

  it('forgets everything again and again', async () => {
    let forgetting: NodeJS.Timeout | undefined;
    await survive(
      'FLUSHALL every 200 ms',
      () => {
        forgetting = setInterval(() => void redis.command('FLUSHALL'), 200);
        return Promise.resolve();
      },
      () => Promise.resolve(clearInterval(forgetting)),
    );
  });

  it('is paused', async () => {
    const pauseMs = outageMs + 2_500;
    let pausedAt = 0;
    await survive(
      'CLIENT PAUSE',
      async () => {
        await redis.command('CLIENT', 'PAUSE', String(pauseMs), 'ALL');
        pausedAt = Date.now();
        await degraded(true);
      },
      () => lasting(Math.max(0, pausedAt + pauseMs - Date.now())),
    );
  });

  it('is full', async () => {
    await survive(
      'maxmemory reached',
      async () => {
        await redis.set('maxmemory', '1');
        await degraded(true);
      },
      () => redis.set('maxmemory', '64mb'),
    );
  });

  it('cannot write its disk', async () => {
    const obstacle = path.join(redis.dir, 'dump.rdb');
    const save = async (status: string): Promise<void> => {
      await redis.command('BGSAVE');
      await until(`the save is ${status}`, async () =>
        String(await redis.command('INFO', 'persistence')).includes(`rdb_last_bgsave_status:${status}`),
      );
    };
    await survive(
      'MISCONF',
      async () => {
        mkdirSync(obstacle);
        mkdirSync(path.join(obstacle, 'full'));
        await redis.set('save', '3600 1');
        await save('err');
        await degraded(true);
      },
      async () => {
        rmdirSync(path.join(obstacle, 'full'));
        rmdirSync(obstacle);
        await save('ok');
      },
    );
  });

  it('vanishes without a word', async () => {
    await survive(
      'half-open',
      async () => {
        relay.halfOpen();
        await degraded(true);
      },
      () => Promise.resolve(relay.heal()),
    );
  });

  it('ends with exit code 0 while it is gone', async () => {
    relay.halfOpen();
    await degraded(true);
    const { code, ms } = await world.hub.terminate();
    report(`stop while Redis is half open: ${Math.round(ms)} ms`);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(15_000);
    // Nothing of it ended a process or a promise unseen.
    expect(world.hub.output).not.toMatch(/unhandled|uncaught/i);
  });
});
