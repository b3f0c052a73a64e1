import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { lasting, report, until, World } from '../support/e2e/index.js';
import { emptyRedis, redisContents } from '../support/e2e/redis-contents.js';
import { Relay } from '../support/e2e/relay.js';
import { describeWithRedis, redisUrl } from '../support/services/index.js';

interface Ready {
  readonly ready: boolean;
  readonly degraded: readonly string[];
}

describeWithRedis('a hub whose Redis comes and goes (P8)', () => {
  let world: World;
  let relay: Relay;
  let cpo: CpoSimulator;
  let emsps: EmspSimulator[];
  const service = (): URL => new URL(redisUrl());

  beforeAll(async () => {
    await emptyRedis(redisUrl());
    relay = await Relay.prepare(service());
    world = await World.start({ env: { ROAMHUB_REDIS_URL: relay.urlOf(service()) } });
    cpo = await world.cpo('DE/CP1', { pushOnly: true });
    cpo.generate(20);
    emsps = [await world.emsp('NL/EM1'), await world.emsp('BE/EM2')];
  });

  afterAll(async () => {
    await world.close();
    await relay.cut();
    await emptyRedis(redisUrl());
  });

  const ready = async (): Promise<Ready & { status: number }> => {
    const answer = await world.hub.ready();
    return { status: answer.status, ...(JSON.parse(answer.text) as Ready) };
  };

  const degraded = (wanted: boolean, deadlineMs: number): Promise<unknown> =>
    until(
      wanted ? 'the hub says that Redis is away' : 'the hub says that Redis is there',
      async () => {
        const state = await ready();
        expect({ status: state.status, ready: state.ready }).toEqual({ status: 200, ready: true });
        return state.degraded.length > 0 === wanted;
      },
      { deadlineMs },
    );

  /** A stream during which `fault` happens; every change must be acknowledged and reach every partner. */
  const streamThrough = async (fault: () => Promise<unknown>): Promise<void> => {
    const before = cpo.stream?.accepted ?? 0;
    const streaming = cpo.runStream({ rate: 200, count: 300 });
    await fault();
    await streaming;
    const { accepted = 0, failed, refused } = cpo.stream ?? {};
    expect({ accepted: accepted - before, failed, refused }).toEqual({ accepted: 300, failed: 0, refused: 0 });
  };

  it('starts without it, takes registrations and objects, and replicates', async () => {
    await degraded(true, 5_000);
    await world.join(cpo, ...emsps);
    const { accepted, total } = await cpo.putAll();
    expect(accepted).toBe(total);
    await world.converged(emsps, 10_000);
    await streamThrough(() => Promise.resolve());
    await world.converged(emsps, 10_000);
  });

  it('uses it once it is there', async () => {
    await relay.open();
    await degraded(false, 30_000);
    await streamThrough(() => Promise.resolve());
    await world.converged(emsps, 5_000);
    expect(await redisContents(redisUrl())).toContain('lane');
  });

  it('goes on when it dies under load and loses all it had', async () => {
    for (const { receiver } of emsps) receiver.receipts.resetLags(Date.now());
    await streamThrough(async () => {
      await until('the stream runs', () => (cpo.stream?.accepted ?? 0) > 650);
      await relay.cut();
      await emptyRedis(redisUrl());
      await degraded(true, 10_000);
    });
    const ms = await world.converged(emsps, 10_000);
    report(`Redis away: converged ${Math.round(ms)} ms after the stream, lags ${JSON.stringify(lagsOf(emsps))}`);
    for (const { p99 } of lagsOf(emsps)) expect(p99).toBeLessThan(5_000);
  });

  it('takes it into use again when it is back', async () => {
    await relay.open();
    await degraded(false, 30_000);
    await streamThrough(() => Promise.resolve());
    await world.converged(emsps, 5_000);
  });

  it('does not wait for one that hangs, nor mind one that forgets', async () => {
    await streamThrough(async () => {
      relay.hold();
      await emptyRedis(redisUrl());
      await lasting(2_000);
      relay.release();
    });
    await world.converged(emsps, 10_000);
    await degraded(false, 30_000);
  });

  it('finds its lanes again after a crash, with nothing of them left in Redis', async () => {
    await streamThrough(async () => {
      await until('the stream runs', () => (cpo.stream?.accepted ?? 0) > 100);
    });
    await world.hub.kill();
    await emptyRedis(redisUrl());
    await world.hub.start();
    await world.converged(emsps, 10_000);
    for (const { receiver } of emsps) expect(receiver.receipts.firstRegressions).toEqual([]);
  });

  it('holds no secret in it (T4, T20)', async () => {
    const contents = await redisContents(redisUrl());
    const secrets = [cpo, ...emsps].flatMap(({ link }) => [link.inboundToken ?? '', link.peer?.outboundToken ?? '']);
    expect(secrets.filter((secret) => secret === '' || contents.includes(secret))).toEqual([]);
  });

  it('stops at once, whether it is there or not', async () => {
    await relay.cut();
    const { code, ms } = await world.hub.terminate();
    expect(code).toBe(0);
    expect(ms).toBeLessThan(15_000);
  });
});

interface Lags {
  readonly p99: number;
}

const lagsOf = (emsps: readonly EmspSimulator[]): Lags[] =>
  emsps.map(({ receiver }) => (receiver.state() as unknown as { push_lag_ms: Lags }).push_lag_ms);
