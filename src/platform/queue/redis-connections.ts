import { Redis, type RedisOptions } from 'ioredis';

/** How long to wait before the next attempt to connect, ms. */
function retryStrategy(attempt: number): number {
  return Math.min(attempt * 100, 2_000);
}

/**
 * The connection that adds jobs. It fails at once while Redis is away: with ioredis's defaults `add` would hang for the
 * whole outage.
 */
export function producerConnection(url: string): Redis {
  return connect(url, { enableOfflineQueue: false, maxRetriesPerRequest: 1, commandTimeout: 1_000 });
}

/** The connection of the workers, which wait for jobs and for Redis as long as it takes. */
export function workerConnection(url: string): Redis {
  return connect(url, { maxRetriesPerRequest: null });
}

function connect(url: string, options: RedisOptions): Redis {
  return new Redis(url, { ...options, retryStrategy, connectTimeout: 3_000, lazyConnect: true });
}

/** What is to be said about the settings of a Redis. */
export interface RedisVerdict {
  /** Why it must not be used. */
  readonly refusal?: string;
  /** What is not as it should be, but works. */
  readonly warning?: string;
}

/**
 * Judges a Redis by its own `INFO`. One that evicts keys would lose work silently, so it is refused; without an
 * append-only file a restart loses what waits, which the sweep of the database finds again.
 */
export async function judgeRedis(redis: { info(section: string): Promise<string> }): Promise<RedisVerdict> {
  const policy = field(await redis.info('memory'), 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    return { refusal: `Redis evicts keys (maxmemory-policy is "${policy}"); set it to "noeviction" for the queue` };
  }
  if (field(await redis.info('persistence'), 'aof_enabled') === '0') {
    return { warning: 'Redis keeps no append-only file; after its restart waiting work is found by the sweep only' };
  }
  return {};
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}
