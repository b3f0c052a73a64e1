import { setTimeout as delay } from 'node:timers/promises';
import { Relay } from '../../support/e2e/relay.js';
import { Balancer } from '../framework/balancer.js';
import type { Scenario } from '../framework/bench.js';
import { LagMeter } from '../framework/lags.js';
import { Scene } from '../framework/scene.js';
import { percentile } from '../framework/statistics.js';

/** What a partner may do wrong, as faults of the simulators. */
const catalogue: readonly string[] = [
  'dead',
  'hang',
  'headers-only',
  'trickle=1000',
  'reject2001@0.2',
  'ocpi3000',
  'no-envelope',
  'html',
  'empty',
  'status=401',
  'status=403',
  'patch404',
  'status=409@0.2',
  'status=410@0.2',
  'status=413@0.2',
  'status=422@0.2',
  'retry-after=1',
  'retry-after=-5',
  'retry-after=315360000',
  'retry-after=Fri, 31 Dec 2199 23:59:59 GMT',
  'unavailable=2',
  'redirect=http://127.0.0.1:1/elsewhere',
  'redirect=301 http://127.0.0.1:1/elsewhere',
  'redirect=308 http://169.254.169.254/latest',
  'gzip',
  'bomb',
  'encodings=1000',
  'huge',
  'huge-headers=100000',
  'reset',
  'late=11000@0.1',
  'close',
];

/** The same between hub and partner, by what carries the bytes. */
const ways: readonly [string, (relay: Relay) => unknown, (relay: Relay) => unknown][] = [
  ['delay', (relay) => relay.delay(300), (relay) => relay.delay(0)],
  ['cut', (relay) => relay.cut(), (relay) => relay.open()],
  ['half-open', (relay) => relay.halfOpen(), (relay) => relay.heal()],
  ['held', (relay) => relay.hold(), (relay) => relay.release()],
  ['trickle', (relay) => relay.trickle({ bytes: 50, everyMs: 20 }), (relay) => relay.trickle(undefined)],
];

/** One partner for each fault of the catalogue, all at once, beside healthy ones. */
export const faults: Scenario = {
  name: 'faults',
  about: 'one partner for each fault of the catalogue, all at once; --minutes M',
  promises: ['P3', 'P4', 'P5'],
  async run(bench) {
    const { quick } = bench.options;
    const faultMs = (bench.options.minutes ?? (quick ? 0.2 : 2)) * 60_000;
    const relays: Relay[] = [];
    const ports: number[] = [];
    for (const _way of ways) {
      const port = await Balancer.freePort();
      const relay = await Relay.prepare(new URL(`http://127.0.0.1:${port}`));
      await relay.open();
      bench.own(() => relay.cut());
      relays.push(relay);
      ports.push(port);
    }
    const first = 2 + catalogue.length;
    const scene = await Scene.lay(bench, {
      locations: 40,
      partners: first + ways.length,
      driver: { rate: 30 },
      partner(index) {
        const [relay, port] = [relays[index - first], ports[index - first]];
        return relay && port !== undefined ? { port, publicUrl: `http://127.0.0.1:${relay.port}` } : {};
      },
    });
    const healthy = scene.partners.slice(0, 2);
    const bad = scene.partners.slice(2, first);
    const meter = new LagMeter(scene.driver, healthy);
    for (const [index, partner] of bad.entries()) await partner.setFaults(catalogue[index] ?? '');
    for (const [index, [, fault]] of ways.entries()) {
      const relay = relays[index];
      if (relay) await fault(relay);
    }
    scene.driver.resume();
    meter.start();
    await delay(faultMs);
    await scene.driver.pause();
    bench.figure(
      'P3',
      'healthy partners equal under the faults of others',
      await scene.converged(healthy),
      { at_most: 5_000 },
      'ms',
    );
    const lags = meter.stop().map(({ ms }) => ms);
    bench.figure('P5', 'ack to receipt of healthy partners, p99', percentile(lags, 0.99), { at_most: 1_000 }, 'ms');
    const struck = bad.filter(({ emsp }) => !emsp.alive || Object.keys(emsp.faults.hits).length > 0).length;
    bench.figure('P3', 'faults that struck', struck, { equals: catalogue.length });

    for (const partner of bad) await partner.setFaults();
    for (const [index, [, , end]] of ways.entries()) {
      const relay = relays[index];
      if (relay) await end(relay);
    }
    // What an operator does once a partner says that it is well again.
    for (const { id } of await scene.cluster.admin.partners())
      await scene.cluster.admin.call('POST', `/api/partners/${id}/resume`);
    await scene.cluster.admin.done('POST', '/api/parked/replay');
    bench.figure(
      'P3',
      'everybody equal after the faults ended',
      await scene.converged(scene.partners, 120_000),
      { at_most: 60_000 },
      'ms',
    );
    await scene.finish();
    const names = scene.partners.map(({ name }) => name);
    bench.charge({ journal: { promise: 'P1', acksAtLeast: 100 }, copies: names, order: names });
  },
};
