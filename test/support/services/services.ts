import { describeUnless } from './skippable.js';

/**
 * The real services that `scripts/test` provides. Under a plain `npx jest` there are none: blocks made with
 * `describeWithRedis` and `describeWithPostgres` are then skipped, saying so, and everything else still runs.
 */

/** URL of a Redis that tests may write to. Each jest worker has a database of its own in it. @throws when there is none */
export const redisUrl = (): string => {
  const url = new URL(required('ROAMHUB_TEST_REDIS_URL', 'Redis'));
  if (url.pathname === '' || url.pathname === '/') url.pathname = `/${workerNumber() % REDIS_DATABASES}`;
  return url.href;
};

/** URL of a PostgreSQL whose user may create databases; see `createDatabase`. @throws when there is none */
export const postgresUrl = (): string => required('ROAMHUB_TEST_POSTGRES_URL', 'PostgreSQL');

/** A describe block against a real Redis. */
export const describeWithRedis = (name: string, tests: () => void): void =>
  describeUnless(absent('ROAMHUB_TEST_REDIS_URL', 'Redis'), name, tests);

/** A describe block against a real PostgreSQL. */
export const describeWithPostgres = (name: string, tests: () => void): void =>
  describeUnless(absent('ROAMHUB_TEST_POSTGRES_URL', 'PostgreSQL'), name, tests);

/** A stock Redis has sixteen. */
const REDIS_DATABASES = 16;

const workerNumber = (): number => Number(process.env.JEST_WORKER_ID ?? 1);

const value = (variable: string): string | undefined => {
  const text = process.env[variable];
  return text === '' ? undefined : text;
};

const required = (variable: string, service: string): string => {
  const url = value(variable);
  if (url === undefined) {
    throw new Error(
      `${variable} is not set: run this test by scripts/test, which starts ${service}, or set it yourself`,
    );
  }
  return url;
};

/** Why a block is to be skipped. Under `scripts/test` nothing is: there a missing service must fail. */
const absent = (variable: string, service: string): string | undefined =>
  value(variable) === undefined && process.env.ROAMHUB_TEST_RUN === undefined
    ? `no ${service}; run scripts/test or set ${variable}`
    : undefined;
