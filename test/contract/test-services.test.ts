import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import {
  createDatabase,
  describeUnless,
  describeWithPostgres,
  describeWithRedis,
  postgresUrl,
  redisUrl,
} from '../support/services/index.js';

const names = ['ROAMHUB_TEST_REDIS_URL', 'ROAMHUB_TEST_POSTGRES_URL'] as const;
const before = names.map((name) => process.env[name]);

describe('the test services', () => {
  afterEach(() => {
    for (const [index, name] of names.entries()) {
      const value = before[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it('say how to get them when they are not there', () => {
    for (const name of names) delete process.env[name];
    expect(() => redisUrl()).toThrow('ROAMHUB_TEST_REDIS_URL is not set: run this test by scripts/test');
    expect(() => postgresUrl()).toThrow('ROAMHUB_TEST_POSTGRES_URL is not set: run this test by scripts/test');
  });

  it('give each jest worker a Redis database of its own, unless the URL names one', () => {
    process.env.ROAMHUB_TEST_REDIS_URL = 'redis://127.0.0.1:6379';
    expect(redisUrl()).toBe(`redis://127.0.0.1:6379/${process.env.JEST_WORKER_ID}`);
    process.env.ROAMHUB_TEST_REDIS_URL = 'redis://127.0.0.1:6379/9';
    expect(redisUrl()).toBe('redis://127.0.0.1:6379/9');
  });
});

describeUnless(undefined, 'a block with all it needs', () => {
  it('runs', () => expect(true).toBe(true));
});

describeWithRedis('the Redis of the tests', () => {
  it('is set as in production: append-only file, no eviction', async () => {
    const { hostname, port } = new URL(redisUrl());
    const socket = net.connect({ host: hostname, port: Number(port) });
    socket.write('CONFIG GET appendonly\r\nCONFIG GET maxmemory-policy\r\nQUIT\r\n');
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    expect(answer).toMatch(/appendonly\r\n\$3\r\nyes[\s\S]*noeviction/);
  });
});

describeWithPostgres('the PostgreSQL of the tests', () => {
  it('gives a test an empty database and takes it away again', async () => {
    const database = await createDatabase();
    const connection = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    await connection.query('CREATE TABLE mark (id int)');
    await connection.destroy();
    await database.drop();
    await expect(new DataSource({ type: 'postgres', url: database.url }).initialize()).rejects.toThrow(
      'does not exist',
    );
  });
});
