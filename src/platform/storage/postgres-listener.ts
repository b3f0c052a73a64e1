import pg from 'pg';
import { type ConnectionSettings, connectionOptions } from './postgres-pools.js';

/** Told the text of a notification; undefined when listening begins (again), as anything may have happened before. */
export type NotificationListener = (payload: string | undefined) => void;

/** Waits between attempts to connect, ms; the last one is repeated. */
const waits = [100, 250, 500, 1_000] as const;
/** A silent connection is asked this often whether it is still there, ms. */
const checkEvery = 5_000;

/**
 * LISTEN on a connection of its own, which is made anew whenever it breaks.
 *
 * Notifications are a hint: whoever listens must also look from time to time, as what is sent while the connection is away is
 * lost.
 */
export class PostgresListener {
  private readonly listeners = new Map<string, Set<NotificationListener>>();
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private attempts = 0;
  private closed = false;
  private connecting: Promise<void> | undefined;
  private asking: Promise<unknown> = Promise.resolve();

  constructor(private readonly settings: ConnectionSettings) {}

  /** Calls `listener` for each notification on a channel (lower case letters and `_`). Returns how to stop that. */
  listen(channel: string, listener: NotificationListener): () => void {
    const all = this.listeners.get(channel) ?? new Set();
    this.listeners.set(channel, all.add(listener));
    if (!this.client) this.connect();
    else this.subscribe(this.client, [channel], [listener]);
    return () => all.delete(listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    const client = this.client;
    this.client = undefined;
    await this.connecting;
    await client?.end().catch(() => undefined);
  }

  private connect(): void {
    if (this.closed || this.client || this.connecting !== undefined) return;
    this.connecting = this.tryConnect().finally(() => {
      this.connecting = undefined;
    });
  }

  private async tryConnect(): Promise<void> {
    const client = new pg.Client(connectionOptions(this.settings));
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    client.on('notification', ({ channel, payload }) => {
      for (const listener of this.listeners.get(channel) ?? []) listener(payload ?? '');
    });
    try {
      await client.connect();
    } catch {
      this.retry();
      return;
    }
    if (this.closed) {
      await client.end().catch(() => undefined);
      return;
    }
    this.client = client;
    this.asking = Promise.resolve();
    const all = [...this.listeners.values()].flatMap((listeners) => [...listeners]);
    this.subscribe(client, [...this.listeners.keys()], all);
    this.check(client);
  }

  private subscribe(client: pg.Client, channels: readonly string[], told: Iterable<NotificationListener>): void {
    const text = channels.map((channel) => `LISTEN ${pg.escapeIdentifier(channel)}`).join('; ');
    this.ask(client, text).then(
      () => {
        this.attempts = 0;
        for (const listener of told) listener(undefined);
      },
      () => this.lost(client),
    );
  }

  /** One statement after the other, as the connection takes them. */
  private ask(client: pg.Client, text: string): Promise<unknown> {
    const answer = this.asking.then(() => client.query(text));
    this.asking = answer.catch(() => undefined);
    return answer;
  }

  /** Finds out about a connection that broke without a word. */
  private check(client: pg.Client): void {
    this.timer = setTimeout(() => {
      this.ask(client, 'SELECT 1').then(
        () => {
          if (this.client === client) this.check(client);
        },
        () => this.lost(client),
      );
    }, checkEvery);
    this.timer.unref();
  }

  private lost(client: pg.Client): void {
    if (this.client !== client) return;
    this.client = undefined;
    client.end().catch(() => undefined);
    this.retry();
  }

  private retry(): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), waits[Math.min(this.attempts++, waits.length - 1)]);
    this.timer.unref();
  }
}
