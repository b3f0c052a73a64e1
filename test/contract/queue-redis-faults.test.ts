import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/kernel/clock.js';
import { BullmqQueue } from '../../src/platform/queue/bullmq-queue.js';
import { EmbeddedQueue } from '../../src/platform/queue/embedded-queue.js';
import { producerConnection, workerConnection } from '../../src/platform/queue/redis-connections.js';
import { RedisLine } from '../../src/platform/queue/redis-line.js';
import { RedisServer, redisProgram } from '../support/e2e/redis-server.js';
import { Relay } from '../support/e2e/relay.js';
import { until } from '../support/e2e/until.js';
import { describeUnless } from '../support/services/index.js';

const distantMs = 60_000;
const missing = redisProgram() === undefined ? 'no redis-server program to break; install Redis' : undefined;

describeUnless(missing, 'BullmqQueue with a Redis that fails (P8)', () => {
  let redis: RedisServer;
  const toClose: (() => Promise<unknown> | unknown)[] = [];
  const later = (close: () => Promise<unknown> | unknown): void => void toClose.push(close);

  beforeEach(async () => {
    redis = await RedisServer.prepare();
    later(() => redis.remove());
  });
  afterEach(async () => {
    for (const close of toClose.splice(0).reverse()) await close();
  });

  interface Opened {
    readonly queue: BullmqQueue;
    readonly ran: string[];
    readonly reported: string[];
    readonly warned: string[];
  }

  async function open(url = redis.url.href, handles = true): Promise<Opened> {
    const [ran, reported, warned]: string[][] = [[], [], []] as [string[], string[], string[]];
    const queue = new BullmqQueue({
      redisUrl: url,
      clock: systemClock,
      report: (error) => reported?.push(error instanceof Error ? `${error.stack} ${JSON.stringify(error)}` : '?'),
      warn: (text) => warned?.push(text),
    });
    later(() => queue.close(0));
    if (handles) queue.process('lane', (id) => Promise.resolve(void ran?.push(id)), { concurrency: 4 });
    await queue.start();
    return { queue, ran: ran ?? [], reported: reported ?? [], warned: warned ?? [] };
  }

  const health = (queue: BullmqQueue, wanted: 'ok' | 'degraded'): Promise<unknown> =>
    until(`health is ${wanted}`, () => queue.health() === wanted, { everyMs: 5 });

  it.each([
    ['full', () => redis.set('maxmemory', '1'), () => redis.set('maxmemory', '64mb'), 'OOM'],
    [
      'a replica',
      () => redis.command('REPLICAOF', '127.0.0.1', '1'),
      () => redis.command('REPLICAOF', 'NO', 'ONE'),
      'READONLY',
    ],
  ])('works here while Redis is %s, and leaves it alone', async (_what, breakIt, mend, says) => {
    await redis.start();
    const { queue, ran, reported } = await open();
    queue.add('lane', 'before');
    await until('the first run', () => ran.length === 1);
    queue.add('lane', 'due-meanwhile', { delayMs: 1_500 });
    await queue.idle();
    await breakIt();
    queue.add('lane', 'at-once');
    await until('a run in spite of it', () => ran.includes('at-once'), { deadlineMs: 1_500 });
    await health(queue, 'degraded');
    queue.add('lane', 'during');
    await until('a run meanwhile', () => ran.includes('during'), { deadlineMs: 200 });
    expect(reported.join('\n')).toContain(says);
    // Nobody asks it without a pause.
    const asked = async (): Promise<number> =>
      Number(/total_commands_processed:(\d+)/.exec(String(await redis.command('INFO', 'stats')))?.[1]);
    const from = await asked();
    await until('the delayed run', () => ran.includes('due-meanwhile'));
    const since = performance.now();
    await until('a while has passed', () => performance.now() - since > 1_000);
    expect((await asked()) - from).toBeLessThan(100);
    await mend();
    await health(queue, 'ok');
    const { queue: other } = await open(redis.url.href, false);
    other.add('lane', 'after');
    await until('a run through Redis', () => ran.includes('after'));
  });

  it('does here what Redis was to wake when it dies, at once or when it is due', async () => {
    await redis.start();
    const { queue, ran } = await open();
    queue.add('lane', 'soon', { delayMs: 500 });
    queue.add('lane', 'distant', { delayMs: distantMs });
    await queue.idle();
    await redis.kill();
    await until('the delayed run', () => ran.length > 0, { deadlineMs: 1_500 });
    expect(ran).toEqual(['soon']);
    expect(queue.health()).toBe('degraded');
  });

  it('does not lose what was delayed when Redis forgets everything', async () => {
    await redis.start();
    const { queue, ran } = await open();
    queue.add('lane', 'later', { delayMs: 1_000 });
    await queue.idle();
    await redis.command('FLUSHALL');
    await until('the delayed run', () => ran.length > 0, { deadlineMs: 5_000 });
    expect(ran).toEqual(['later']);
    expect(queue.health()).toBe('ok');
    // The limit of its stream of events was forgotten as well.
    expect(await redis.command('HGET', 'roamhub:lane:meta', 'opts.maxLenEvents')).toBe('100');
  });

  it('notices that the other end has vanished, works here, and connects anew', async () => {
    await redis.start();
    const relay = await Relay.prepare(redis.url);
    await relay.open();
    later(() => relay.cut());
    const { queue, ran } = await open(relay.urlOf(redis.url));
    queue.add('lane', 'before');
    await until('the first run', () => ran.length === 1);
    relay.halfOpen();
    queue.add('lane', 'at-once');
    await until('a run in spite of it', () => ran.includes('at-once'), { deadlineMs: 2_000 });
    await health(queue, 'degraded');
    relay.heal();
    await health(queue, 'ok');
    const { queue: other } = await open(redis.url.href, false);
    other.add('lane', 'after');
    await until('a run through Redis', () => ran.includes('after'), { deadlineMs: 2_000 });
  });

  it('waits for a Redis that is reading its file', async () => {
    await redis.start();
    const slow = await redis.makeSlow(3_000);
    await redis.kill();
    await redis.start(slow);
    const { queue, ran } = await open();
    await expect(redis.command('GET', 'ballast-1')).rejects.toThrow('LOADING');
    expect(queue.health()).toBe('degraded');
    queue.add('lane', 'during');
    await until('a run meanwhile', () => ran.includes('during'), { deadlineMs: 200 });
    await health(queue, 'ok');
  });

  it('stops to use one that has begun to evict keys, and refuses it at the start', async () => {
    await redis.start();
    const { queue, reported } = await open();
    await redis.set('maxmemory-policy', 'allkeys-lru');
    await health(queue, 'degraded');
    expect(reported.join('\n')).toContain('Redis evicts keys');
    await expect(open()).rejects.toMatchObject({ name: 'StartRefusal', sentences: [expect.stringMatching(/\.$/)] });
    await redis.set('maxmemory-policy', 'noeviction');
    await health(queue, 'ok');
  });

  it('warns once of what is not as it should be', async () => {
    await redis.start({ appendonly: 'no', maxmemory: '0' });
    const { queue, warned, reported } = await open();
    await redis.kill();
    await health(queue, 'degraded');
    await redis.start({ appendonly: 'no', maxmemory: '0' });
    await health(queue, 'ok');
    expect(warned).toEqual([expect.stringContaining('append-only file'), expect.stringContaining('maxmemory')]);
    expect(reported.join('\n')).not.toContain('append-only');
  });

  it('keeps nothing of what a process only adds while Redis is away', async () => {
    const { queue } = await open(redis.url.href, false);
    for (let i = 0; i < 1_000; i++) queue.add('lane', `id-${i}`);
    expect(queue.health()).toBe('degraded');
    await redis.start();
    await health(queue, 'ok');
    expect(await redis.command('KEYS', 'roamhub:lane:lane-*')).toEqual([]);
    const ran: string[] = [];
    queue.process('lane', (id) => Promise.resolve(void ran.push(id)), { concurrency: 4 });
    queue.add('lane', 'new');
    await until('the run', () => ran.length > 0);
    expect(ran).toEqual(['new']);
  });

  it('tells nobody its password, right or wrong', async () => {
    const [right, wrong] = ['right/p%w-7c1', 'wrong/p%w-9e2'];
    redis = await RedisServer.prepare({ requirepass: right });
    later(() => redis.remove());
    await redis.start();
    const urlWith = (password: string): string => {
      const url = new URL(redis.url);
      url.password = encodeURIComponent(password);
      return url.href;
    };
    const refused = await open(urlWith(wrong));
    expect(refused.queue.health()).toBe('degraded');
    await until('a report', () => refused.reported.length > 0);
    expect(refused.reported.join('\n')).toContain('WRONGPASS');
    const { queue, reported } = await open(urlWith(right));
    expect(queue.health()).toBe('ok');
    await redis.kill();
    await health(queue, 'degraded');
    const said = [...refused.reported, ...reported].join('\n');
    for (const secret of [right, wrong]) {
      expect(said).not.toContain(secret);
      expect(said).not.toContain(encodeURIComponent(secret));
    }
  });

  it('checks the certificate of a Redis behind TLS', async () => {
    await redis.start();
    const [key, cert] = ['key', 'partner'].map((name) => readFileSync(`test/fixtures/tls/${name}.pem`));
    let received = 0;
    const front = tls.createServer({ key, cert }, (near) => {
      const far = net.connect(redis.port, '127.0.0.1');
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
      near.on('data', (chunk) => {
        received += chunk.length;
      });
      near.pipe(far).pipe(near);
    });
    front.on('tlsClientError', () => undefined);
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    later(() => new Promise((resolve) => front.close(resolve)));
    const { port } = front.address() as net.AddressInfo;
    const { queue, reported } = await open(`rediss://127.0.0.1:${port}`);
    await until('a report', () => reported.length > 0);
    expect(queue.health()).toBe('degraded');
    expect(reported.join('\n')).toMatch(/self[- ]signed certificate/);
    await queue.close(0);
    expect(received).toBe(0);
  });

  it('keeps Redis small, however many wake-ups pass it', async () => {
    await redis.start();
    const { queue, ran } = await open();
    for (let i = 0; i < 10_000; i++) {
      queue.add('lane', `partner-${i % 500}`, i % 10 === 0 ? { delayMs: 5 } : {});
      if (i % 20 === 0) await new Promise(setImmediate);
    }
    await until('all have run', () => new Set(ran).size === 500);
    await queue.idle();
    await until('nothing is delayed', async () => (await redis.command('ZCARD', 'roamhub:lane:delayed')) === 0);
    await queue.idle();
    const keys = (await redis.command('KEYS', '*')) as string[];
    const left = keys.map((key) => key.replace('roamhub:lane:', '')).sort();
    expect(left.filter((key) => key.includes('partner-'))).toEqual([]);
    expect(left.length).toBeLessThanOrEqual(10);
    expect(Number(await redis.command('XLEN', 'roamhub:lane:events'))).toBeLessThanOrEqual(300);
    // Each id at least once; how many wake-ups of one collapse depends on how fast they come.
    expect(new Set(ran).size).toBe(500);
  }, 60_000);

  describe('a line', () => {
    async function openLine(): Promise<{
      line: RedisLine;
      relay: Relay;
      ran: string[];
      trouble: string[];
      pass: (ms: number) => void;
      set: (isUsable: boolean) => void;
    }> {
      await redis.start();
      const relay = await Relay.prepare(redis.url);
      await relay.open();
      const [ran, trouble] = [[] as string[], [] as string[]];
      let instant = Date.now();
      let usable = true;
      const local = new EmbeddedQueue({ clock: systemClock, report: () => undefined });
      local.process(
        'lane',
        (id) => {
          // From here on Redis does not hear that the job has ended.
          if (id === 'left' && !ran.includes(id)) relay.halfOpen();
          return Promise.resolve(void ran.push(id));
        },
        { concurrency: 1 },
      );
      await local.start();
      const [producer, consumer] = [producerConnection(redis.url.href), workerConnection(relay.urlOf(redis.url))];
      for (const connection of [producer, consumer]) connection.on('error', () => undefined);
      await Promise.all([producer.connect(), consumer.connect()]);
      const line = new RedisLine({
        name: 'lane',
        producer,
        consumer,
        prefix: 'watched',
        clock: { now: () => instant },
        local,
        isUsable: () => usable,
        onRefused: (error) => trouble.push(String(error)),
        onTrouble: (error) => trouble.push(String(error)),
      });
      later(async () => {
        line.stop();
        await local.close(0);
        producer.disconnect();
        consumer.disconnect();
        await line.close(true);
        await relay.cut();
      });
      line.handle(1);
      line.add('first', 0);
      await until('the first run', () => ran.length === 1);
      await until('nothing waits', async () => (await line.outstanding()) === 0);
      return {
        line,
        relay,
        ran,
        trouble,
        pass: (ms) => {
          instant += ms;
        },
        set: (isUsable) => {
          usable = isUsable;
        },
      };
    }

    it('replaces a worker that takes nothing for 30 s while jobs wait', async () => {
      const { line, relay, ran, trouble, pass } = await openLine();
      relay.hold();
      line.add('stuck', 0);
      await until('a job waits', async () => (await line.outstanding()) > 0);
      for (let i = 0; i < 2; i++) await line.watch();
      pass(29_000);
      await line.watch();
      expect(trouble).toEqual([]);
      pass(2_000);
      await line.watch();
      expect(trouble).toEqual([expect.stringContaining('it is replaced')]);
      relay.release();
      await until('the new one works', () => ran.includes('stuck'));
    });

    it('does here what Redis would drop for a job that an outage left behind as active', async () => {
      const { line, relay, ran, pass, set } = await openLine();
      line.add('left', 0);
      await until('the run', () => ran.length === 2);
      set(false);
      line.suspend();
      for (let i = 0; i < 2; i++) {
        pass(40_000);
        await line.watch();
      }
      relay.heal();
      set(true);
      line.resume();
      line.add('left', 0);
      await until('the run here', () => ran.length === 3, { deadlineMs: 2_000 });
    });

    it('leaves one alone that is slow', async () => {
      const { line, relay, ran, trouble, pass } = await openLine();
      await line.watch();
      for (const [index, id] of ['one', 'two', 'three'].entries()) {
        relay.hold();
        line.add(id, 0);
        await until('a job waits', async () => (await line.outstanding()) > 0);
        await line.watch();
        pass(20_000);
        relay.release();
        await until('the run', () => ran.length === index + 2);
      }
      expect(trouble).toEqual([]);
    });

    it('leaves one alone that had nothing to do', async () => {
      const { line, ran, trouble, pass } = await openLine();
      await line.watch();
      await line.watch();
      pass(3_600_000);
      line.add('next', 0);
      await line.watch();
      await until('the run', () => ran.length === 2);
      expect(trouble).toEqual([]);
    });
  });
});
