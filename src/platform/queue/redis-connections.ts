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
  return connect(url, {
    maxRetriesPerRequest: null,
    // After a failover the name may stand for another server.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
}

function connect(url: string, options: RedisOptions): Redis {
  return new Redis(url, {
    ...options,
    retryStrategy,
    connectTimeout: 3_000,
    keepAlive: 10_000,
    // How long a connection that is given up may take for its goodbye: the other end may have vanished.
    disconnectTimeout: 500,
    // One that reads its file after a restart says so; it is asked again after so long at most.
    maxLoadingRetryTime: 1_000,
    lazyConnect: true,
  });
}

/** Whether Redis says anything within so long, be it an error. (`commandTimeout` must not cut a worker's waiting.) */
export async function answers(redis: Redis, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  const answered = redis.ping().then(
    () => true,
    (error: unknown) => error instanceof Error && error.name === 'ReplyError',
  );
  const inTime = await Promise.race([answered, late]);
  clearTimeout(timer);
  return inTime;
}

/** What is to be said about the settings of a Redis. */
export interface RedisVerdict {
  /** Why it must not be used. */
  readonly refusal?: string;
  /** What is not as it should be, but works. */
  readonly warnings: readonly string[];
}

/**
 * Judges a Redis by its own `INFO`. One that evicts keys would lose work silently, so it is refused; without an
 * append-only file a restart loses what waits, which the sweep of the database finds again.
 */
export async function judgeRedis(redis: { info(section: string): Promise<string> }): Promise<RedisVerdict> {
  const [memory, persistence] = await Promise.all([redis.info('memory'), redis.info('persistence')]);
  const policy = field(memory, 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    const refusal = `Redis evicts keys (maxmemory-policy is "${policy}"); set it to "noeviction" for the queue`;
    return { refusal, warnings: [] };
  }
  const warnings: string[] = [];
  if (field(persistence, 'aof_enabled') === '0') {
    warnings.push('Redis keeps no append-only file; after its restart waiting work is found by the sweep only');
  }
  if (field(memory, 'maxmemory') === '0') {
    warnings.push('Redis has no memory limit; set maxmemory, or it may take what others on its machine need');
  }
  return { warnings };
}

function field(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}

/**
 * The same error for a log: ioredis hangs the command that failed on its errors, and the command may be
 * `AUTH` with the password.
 */
export function withoutSecrets(error: unknown, url: string): Error {
  const { message, code } = (error instanceof Error ? error : new Error(String(error))) as NodeJS.ErrnoException;
  const { password } = new URL(url);
  let text = message || code || 'Redis cannot be reached';
  for (const secret of [password, decodeURIComponent(password)]) {
    if (secret !== '') text = text.replaceAll(secret, '***');
  }
  return new Error(text);
}
