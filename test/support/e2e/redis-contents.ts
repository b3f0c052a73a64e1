import { Redis } from 'ioredis';

/** Everything that one database of a Redis holds, keys and values, as one text. */
export async function redisContents(url: string): Promise<string> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    const parts: unknown[] = [];
    for (const key of await redis.keys('*')) {
      parts.push(key);
      const type = await redis.type(key);
      if (type === 'string') parts.push(await redis.get(key));
      else if (type === 'hash') parts.push(await redis.hgetall(key));
      else if (type === 'list') parts.push(await redis.lrange(key, 0, -1));
      else if (type === 'set') parts.push(await redis.smembers(key));
      else if (type === 'zset') parts.push(await redis.zrange(key, 0, -1, 'WITHSCORES'));
      else if (type === 'stream') parts.push(await redis.xrange(key, '-', '+'));
    }
    return JSON.stringify(parts);
  } finally {
    redis.disconnect();
  }
}

/** Takes everything out of that database, as losing Redis does. */
export async function emptyRedis(url: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    await redis.flushdb();
  } finally {
    redis.disconnect();
  }
}
