import type { Clock } from '../../kernel/clock.js';

interface Bucket {
  tokens: number;
  filledAt: number;
}

/**
 * Token buckets by key. In memory and of this process only; the least recently used key is forgotten beyond `capacity`,
 * so strangers cannot fill the memory with addresses.
 */
export class RateLimit {
  private readonly buckets = new Map<string, Bucket>();

  /**
   * @param perSecond tokens that come back each second
   * @param burst most tokens that a key can have
   */
  constructor(
    private readonly clock: Clock,
    private readonly perSecond: number,
    private readonly burst: number,
    private readonly capacity = 10_000,
  ) {}

  /** Takes one token; returns 0 if there was one, else the seconds to wait for it. */
  take(key: string): number {
    const bucket = this.bucket(key);
    if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / this.perSecond));
    bucket.tokens--;
    return 0;
  }

  private bucket(key: string): Bucket {
    const now = this.clock.now();
    let bucket = this.buckets.get(key);
    if (bucket) {
      bucket.tokens = Math.min(
        this.burst,
        bucket.tokens + (Math.max(0, now - bucket.filledAt) / 1000) * this.perSecond,
      );
      bucket.filledAt = now;
      // To the end of the map: what is forgotten first is what nobody asked for longest.
      this.buckets.delete(key);
      this.buckets.set(key, bucket);
      return bucket;
    }
    bucket = { tokens: this.burst, filledAt: now };
    if (this.buckets.size >= this.capacity) {
      const oldest = this.buckets.keys().next();
      if (!oldest.done) this.buckets.delete(oldest.value);
    }
    this.buckets.set(key, bucket);
    return bucket;
  }
}
