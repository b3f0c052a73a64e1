import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import tls from 'node:tls';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { HubProcess, until } from '../support/e2e/index.js';
import { RedisServer, redisProgram } from '../support/e2e/redis-server.js';
import { describeUnless } from '../support/services/index.js';

const missing = redisProgram() === undefined ? 'no redis-server program; install Redis' : undefined;
const password = 'pass/w%rd-5d41402a';
const certificate = path.resolve('test/fixtures/tls/localhost.pem');

describeUnless(missing, 'the way to Redis', () => {
  let redis: RedisServer;
  const toClose: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    redis = await RedisServer.prepare({ requirepass: password });
    toClose.push(() => redis.remove());
    await redis.start();
  });
  afterEach(async () => {
    for (const close of toClose.splice(0).reverse()) await close();
  });

  const hubWith = async (env: Readonly<Record<string, string>>): Promise<HubProcess> => {
    const hub = await HubProcess.prepare({ env });
    toClose.push(() => hub.remove());
    return hub;
  };
  const urlWith = (secret: string, base = redis.url.href): string => {
    const url = new URL(base);
    url.password = encodeURIComponent(secret);
    return url.href;
  };
  const degraded = async (hub: HubProcess): Promise<string[]> =>
    (JSON.parse((await hub.ready()).text) as { degraded: string[] }).degraded;

  it('refuses a Redis that evicts keys, in one sentence', async () => {
    await redis.set('maxmemory-policy', 'allkeys-lru');
    const hub = await hubWith({ ROAMHUB_REDIS_URL: urlWith(password) });
    const program = hub.launch();
    expect(await program.exited).toEqual({ code: 2, signal: null });
    const [sentence, ...more] = program.stderr.split('\n').filter((line) => line.startsWith('roamhub: '));
    expect(sentence).toBe(
      'roamhub: Redis evicts keys (maxmemory-policy is "allkeys-lru"); set it to "noeviction" for the queue.',
    );
    expect(more).toEqual([]);
  });

  it('prints no password, be it right or wrong (T20)', async () => {
    const wrong = 'wrong/p%w-9e107d9d';
    for (const [secret, isRight] of [
      [password, true],
      [wrong, false],
    ] as const) {
      const hub = await hubWith({ ROAMHUB_REDIS_URL: urlWith(secret) });
      await hub.start();
      expect((await degraded(hub)).length === 0).toBe(isRight);
      if (!isRight) await until('the log tells of it', () => hub.output.includes('WRONGPASS'));
      expect((await hub.terminate()).code).toBe(0);
      expect(hub.output).not.toContain(secret);
      expect(hub.output).not.toContain(encodeURIComponent(secret));
    }
  });

  it('goes through TLS to a Redis whose certificate can be checked, and to no other', async () => {
    const key = readFileSync(path.resolve('test/fixtures/tls/key.pem'));
    const front = tls.createServer({ key, cert: readFileSync(certificate) }, (near) => {
      const far = net.connect(redis.port, '127.0.0.1');
      near.on('error', () => far.destroy()).pipe(far);
      far.on('error', () => near.destroy()).pipe(near);
    });
    front.on('tlsClientError', () => undefined);
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    toClose.push(() => new Promise((resolve) => front.close(resolve)));
    const { port } = front.address() as net.AddressInfo;
    const ROAMHUB_REDIS_URL = urlWith(password, `rediss://127.0.0.1:${port}`);
    const trusting = await hubWith({ ROAMHUB_REDIS_URL, NODE_EXTRA_CA_CERTS: certificate });
    await trusting.start();
    expect(await degraded(trusting)).toEqual([]);
    await trusting.kill();
    const careful = await hubWith({ ROAMHUB_REDIS_URL });
    await careful.start();
    expect(await degraded(careful)).toHaveLength(1);
    await until('the log tells why', () => /self-signed certificate/.test(careful.output));
  });
});
