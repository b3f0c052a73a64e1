import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/kernel/clock.js';
import { BullmqQueue } from '../../src/platform/queue/bullmq-queue.js';
import { EmbeddedQueue } from '../../src/platform/queue/embedded-queue.js';
import {
  judgeRedis,
  producerConnection,
  withoutSecrets,
  workerConnection,
} from '../../src/platform/queue/redis-connections.js';
import { RedisLine } from '../../src/platform/queue/redis-line.js';
import { describeWithRedis, redisUrl } from '../support/services/index.js';
import { describeWorkQueue, type QueueUnderTest } from './queue-contract.js';

const toClose: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

function open(url: string, prefix: string): { queue: BullmqQueue; reported: string[] } {
  const reported: string[] = [];
  const queue = new BullmqQueue({
    redisUrl: url,
    prefix,
    clock: systemClock,
    report: (error) => reported.push(String(error)),
  });
  toClose.push(() => queue.close(0));
  return { queue, reported };
}

/** A handler that notes what it ran and tells who waits for it. */
function noting(): { ran: string[]; handler: (id: string) => Promise<void>; until: (count: number) => Promise<void> } {
  const ran: string[] = [];
  let wake: (() => void) | undefined;
  return {
    ran,
    handler: (id) => {
      ran.push(id);
      wake?.();
      return Promise.resolve();
    },
    until: async (count) => {
      while (ran.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function listen(server: net.Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

interface Relay {
  readonly url: string;
  /** Closes all connections and takes no new ones. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
  /** Keeps back what clients send. */
  readonly hold: () => void;
  readonly letGo: () => void;
}

/** A way to Redis that can be disturbed. */
async function relayTo(target: string): Promise<Relay> {
  const redis = new URL(target);
  const sockets = new Set<net.Socket>();
  const clients = new Set<net.Socket>();
  const server = net.createServer((near) => {
    clients.add(near);
    const far = net.connect(Number(redis.port || 6379), redis.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  const port = await listen(server);
  const cut = async (): Promise<void> => {
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await closed;
  };
  toClose.push(() => (server.listening ? cut() : undefined));
  const url = new URL(target);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    cut,
    mend: async () => void (await listen(server, port)),
    hold: () => {
      for (const client of clients) client.pause();
    },
    letGo: () => {
      for (const client of clients) client.resume();
    },
  };
}

describe('BullmqQueue without Redis (P8)', () => {
  it('starts, says so, and runs here what is added here', async () => {
    const server = net.createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const { queue, reported } = open(`redis://127.0.0.1:${port}`, 'none');
    const { ran, handler, until } = noting();
    queue.process('lane', handler, { concurrency: 2 });
    await queue.start();
    expect(queue.health()).toBe('degraded');
    queue.add('lane', 'a');
    queue.add('lane', 'b', { delayMs: 10 });
    await until(2);
    expect(ran).toEqual(['a', 'b']);
    expect(reported.filter((text) => text.includes('ECONNREFUSED'))).toHaveLength(1);
  });

  it('refuses a Redis that evicts keys, in a sentence', async () => {
    const info = 'maxmemory_policy:allkeys-lru\r\nloading:0\r\n';
    const evicting = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        for (const _command of chunk.toString().matchAll(/^\*\d+\r\n/gm)) {
          socket.write(`$${info.length}\r\n${info}\r\n`);
        }
      });
    });
    const port = await listen(evicting);
    toClose.push(() => new Promise((resolve) => evicting.close(resolve)));
    const { queue } = open(`redis://127.0.0.1:${port}`, 'evicting');
    await expect(queue.start()).rejects.toThrow(
      'Redis evicts keys (maxmemory-policy is "allkeys-lru"); set it to "noeviction" for the queue',
    );
  });

  it('only warns of a missing append-only file and of a missing memory limit', async () => {
    const verdict = (policy: string, aof: string, limit: string) => {
      const memory = `maxmemory:${limit}\r\nmaxmemory_policy:${policy}\r\n`;
      const info = (section: string): Promise<string> =>
        Promise.resolve(section === 'memory' ? memory : `aof_enabled:${aof}\r\n`);
      return judgeRedis({ info });
    };
    expect(await verdict('noeviction', '1', '1000')).toEqual({ warnings: [] });
    expect(await verdict('noeviction', '0', '1000')).toEqual({ warnings: [expect.stringContaining('append-only')] });
    expect(await verdict('noeviction', '1', '0')).toEqual({ warnings: [expect.stringContaining('maxmemory')] });
    expect(await verdict('volatile-ttl', '1', '1000')).toHaveProperty('refusal');
  });

  it('takes passwords and commands out of what it reports', () => {
    const error = Object.assign(new Error('WRONGPASS of p/a%ss and p%2Fa%25ss'), {
      command: { name: 'auth', args: ['p/a%ss'] },
    });
    const shown = withoutSecrets(error, 'redis://:p%2Fa%25ss@127.0.0.1:6379');
    expect(shown.message).toBe('WRONGPASS of *** and ***');
    expect(JSON.stringify({ ...shown })).toBe('{}');
  });
});

describeWithRedis('with Redis', () => {
  describeWorkQueue('BullmqQueue', () => {
    const troubles: QueueUnderTest['troubles'] = [];
    const queue = new BullmqQueue({
      redisUrl: redisUrl(),
      prefix: `test-${randomUUID()}`,
      clock: systemClock,
      report: (error, work) => {
        if (work) troubles.push({ error, ...work });
      },
    });
    return Promise.resolve({ queue, troubles, release: () => Promise.resolve() });
  });

  describe('BullmqQueue between processes', () => {
    it('hands what one adds to those that handle it, each id to one of them', async () => {
      const prefix = `test-${randomUUID()}`;
      const adding = open(redisUrl(), prefix).queue;
      const [one, two] = [noting(), noting()];
      for (const { handler } of [one, two]) {
        const { queue } = open(redisUrl(), prefix);
        queue.process('lane', handler, { concurrency: 5 });
        await queue.start();
      }
      await adding.start();
      const ids = Array.from({ length: 50 }, (_, index) => `partner-${index}`);
      for (const id of ids) adding.add('lane', id);
      await eventually(() => one.ran.length + two.ran.length >= ids.length);
      expect([...one.ran, ...two.ran].sort()).toEqual([...ids].sort());
    });

    it('does work here that is asked for here, whatever another process does', async () => {
      const prefix = `test-${randomUUID()}`;
      const [here, there] = [open(redisUrl(), prefix).queue, open(redisUrl(), prefix).queue];
      const [one, two] = [noting(), noting()];
      let end = (): void => undefined;
      there.process(
        'lane',
        async (id) => {
          await two.handler(id);
          await new Promise<void>((resolve) => {
            end = resolve;
          });
        },
        { concurrency: 5 },
      );
      await there.start();
      there.add('lane', 'a');
      await two.until(1);
      here.process('lane', one.handler, { concurrency: 5 });
      await here.start();
      for (const id of ['a', 'b']) here.add('lane', id, { here: true });
      here.add('lane', 'c', { here: true, delayMs: 10 });
      await one.until(3);
      expect(one.ran).toEqual(['a', 'b', 'c']);
      expect(two.ran).toEqual(['a']);
      end();
    });

    it('keeps delayed work when the process that added it is gone', async () => {
      const prefix = `test-${randomUUID()}`;
      const adding = open(redisUrl(), prefix).queue;
      await adding.start();
      adding.add('callback', 'a', { delayMs: 50 });
      await new Promise(setImmediate);
      await adding.idle();
      const connection = producerConnection(redisUrl());
      await connection.connect();
      await eventuallyAsync(async () => (await connection.zcard(`${prefix}:callback:delayed`)) === 1);
      connection.disconnect();
      await adding.close(0);
      const { queue } = open(redisUrl(), prefix);
      const { ran, handler, until } = noting();
      queue.process('callback', handler, { concurrency: 1 });
      await queue.start();
      await until(1);
      expect(ran).toEqual(['a']);
    });

    it('lets an earlier wake-up of one process overtake a delayed one of another', async () => {
      const prefix = `test-${randomUUID()}`;
      const { queue } = open(redisUrl(), prefix);
      const { handler, until } = noting();
      queue.process('lane', handler, { concurrency: 1 });
      await queue.start();
      queue.add('lane', 'a', { delayMs: 60_000 });
      await queue.idle();
      const other = open(redisUrl(), prefix).queue;
      await other.start();
      other.add('lane', 'a');
      await until(1);
    });

    it('keeps a wake-up that comes between the end of a run and the end of its job', async () => {
      const relay = await relayTo(redisUrl());
      const [producer, consumer] = [producerConnection(redisUrl()), workerConnection(relay.url)];
      await producer.connect();
      const trouble: unknown[] = [];
      const local = new EmbeddedQueue({ clock: systemClock, report: (error) => trouble.push(error) });
      const line = new RedisLine({
        name: 'lane',
        producer,
        consumer,
        prefix: `test-${randomUUID()}`,
        clock: systemClock,
        local,
        isUsable: () => true,
        onRefused: (error) => trouble.push(error),
        onTrouble: (error) => trouble.push(error),
      });
      const { ran, handler, until } = noting();
      local.process(
        'lane',
        async (id) => {
          // From here on Redis does not hear that the job has ended.
          if (ran.length === 0) relay.hold();
          await handler(id);
        },
        { concurrency: 2 },
      );
      await local.start();
      line.handle(2);
      line.add('a', 0);
      await until(1);
      await local.idle();
      line.add('a', 0);
      expect(await line.outstanding()).toBeGreaterThan(0);
      relay.letGo();
      await until(2);
      await eventuallyAsync(async () => (await line.outstanding()) === 0);
      expect(ran).toEqual(['a', 'a']);
      expect(trouble).toEqual([]);
      line.stop();
      await local.close(0);
      await line.close(false);
      producer.disconnect();
      consumer.disconnect();
    });

    it('leaves no job behind', async () => {
      const prefix = `test-${randomUUID()}`;
      const { queue } = open(redisUrl(), prefix);
      queue.process('lane', (id) => (id === 'bad' ? Promise.reject(new Error('bad')) : Promise.resolve()), {
        concurrency: 2,
      });
      await queue.start();
      for (const id of ['a', 'b', 'bad']) queue.add('lane', id);
      queue.add('lane', 'c', { delayMs: 60_000 });
      queue.add('lane', 'c', { delayMs: 30_000 });
      queue.add('lane', 'c');
      await queue.idle();
      const connection = producerConnection(redisUrl());
      await connection.connect();
      const left = (await connection.keys(`${prefix}:lane:*`)).map((key) => key.slice(prefix.length + 1));
      connection.disconnect();
      expect(left.filter((key) => key.startsWith('lane:lane-'))).toEqual([]);
    });

    it('works on in this process while Redis is away, and takes it back into use (P8)', async () => {
      const prefix = `test-${randomUUID()}`;
      const relay = await relayTo(redisUrl());
      const { queue } = open(relay.url, prefix);
      const { ran, handler, until } = noting();
      queue.process('lane', handler, { concurrency: 2 });
      await queue.start();
      expect(queue.health()).toBe('ok');
      queue.add('lane', 'before');
      await until(1);
      await relay.cut();
      queue.add('lane', 'at-the-cut');
      await eventually(() => queue.health() === 'degraded');
      queue.add('lane', 'during');
      await until(3);
      await relay.mend();
      await eventually(() => queue.health() === 'ok');
      const other = open(redisUrl(), prefix).queue;
      await other.start();
      other.add('lane', 'after');
      await until(4);
      expect(ran.slice(0, 1)).toEqual(['before']);
      expect(new Set(ran)).toEqual(new Set(['before', 'at-the-cut', 'during', 'after']));
    });
  });
});

async function eventuallyAsync(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
