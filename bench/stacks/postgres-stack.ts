import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Stack } from './stack.js';

interface Service {
  readonly url: string;
  stop(): Promise<void>;
}

type StartService = (options: { log: (text: string) => void; durable?: boolean }) => Promise<Service>;

interface Services {
  readonly startPostgres: StartService;
  readonly startRedis: StartService;
}

/** A stock Redis has sixteen. */
const redisDatabases = 16;

/**
 * PostgreSQL and Redis: those of ROAMHUB_TEST_POSTGRES_URL and ROAMHUB_TEST_REDIS_URL, else private ones, which flush to disk as
 * in production. Each hub has a database of its own in both.
 */
export async function openPostgresStack(say: (text: string) => void): Promise<Stack> {
  const started: Service[] = [];
  const url = async (variable: string, start: keyof Services): Promise<string> => {
    const given = process.env[variable];
    if (given) return given;
    const services = (await import(pathToFileURL(path.resolve('scripts/lib/services.mjs')).href)) as Services;
    const service = await services[start]({ log: say, durable: true });
    started.push(service);
    return service.url;
  };
  const postgres = await url('ROAMHUB_TEST_POSTGRES_URL', 'startPostgres');
  const redis = await url('ROAMHUB_TEST_REDIS_URL', 'startRedis');
  const made: string[] = [];
  return {
    name: 'postgres',
    async fresh() {
      const name = `roamhub_bench_${randomBytes(6).toString('hex')}`;
      await execute(postgres, `CREATE DATABASE ${name}`);
      made.push(name);
      const queue = withPath(redis, String(made.length % redisDatabases));
      const client = new Redis(queue);
      await client.flushdb();
      client.disconnect();
      return { ROAMHUB_DATABASE_URL: withPath(postgres, name), ROAMHUB_REDIS_URL: queue };
    },
    async close() {
      for (const name of made) await execute(postgres, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      for (const service of started) await service.stop();
    },
  };
}

function withPath(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
