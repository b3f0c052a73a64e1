import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type ConnectionSettings, connectionOptions } from './postgres-pools.js';

/** Waits before the name is claimed again on a new connection, ms. */
const retryMs = 1_000;
/** First half of the advisory lock's name; the second is made from the node's. */
const lockSpace = 7402;

/**
 * The name of this process among the nodes, which no other living process has.
 *
 * A process that was killed leaves leases in its name. The one that takes its place may have the name again and with it the
 * leases, at once instead of when they run out; but only if the dead one is dead. The server knows: a session lock goes with
 * the connection of a process that was killed, and stays with one that was only frozen.
 */
export class PostgresNodeClaim {
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  private constructor(
    private readonly settings: ConnectionSettings,
    readonly node: string,
  ) {}

  /**
   * Claims `wanted`; a new random name if another process lives under that one, or if none is wanted. Rejects with what the driver
   * throws if the database cannot be reached.
   */
  static async take(settings: ConnectionSettings, wanted: string = randomUUID()): Promise<PostgresNodeClaim> {
    const claim = new PostgresNodeClaim(settings, wanted);
    if (await claim.lock()) return claim;
    await claim.close();
    return PostgresNodeClaim.take(settings);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    if (this.client) await end(this.client);
  }

  /** @returns whether the name is ours; the connection that holds it is watched. */
  private async lock(): Promise<boolean> {
    const client = new pg.Client(connectionOptions(this.settings));
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query('SELECT pg_try_advisory_lock($1, hashtext($2)) AS mine', [
        lockSpace,
        this.node,
      ]);
      const mine = rows[0]?.mine === true && !this.closed;
      if (!mine) await end(client);
      else {
        this.client = client;
        client.on('end', () => this.later());
      }
      return mine;
    } catch (error) {
      await end(client);
      throw error;
    }
  }

  /**
   * The connection is gone, and with it the lock, which is taken anew. Until then the name is ours all the same: nobody else knows
   * it but who has our data directory.
   */
  private later(): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      // The server may take our own old session for alive for a while.
      const again = (mine: boolean): void => void (mine || this.later());
      this.lock().then(again, () => this.later());
    }, retryMs);
    this.timer.unref();
  }
}

/** Ends a connection without waiting for a server that does not answer. */
async function end(client: pg.Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 500);
  });
  await Promise.race([client.end().catch(() => undefined), enough]);
  clearTimeout(timer);
}
