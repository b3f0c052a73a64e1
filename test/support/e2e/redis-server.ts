import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './ports.js';
import { until } from './until.js';

/** Full path of the Redis program of this machine, if it has one. */
export const redisProgram = (): string | undefined =>
  (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'redis-server'))
    .find((file) => existsSync(file));

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A Redis of one test, which may be killed and started again with what it has written. */
export class RedisServer {
  readonly dir = mkdtempSync(path.join(os.tmpdir(), 'roamhub-redis-'));
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
  ) {}

  /** Chooses a port and a folder; nothing runs yet. Set as in production: no eviction, append-only file, a limit. */
  static async prepare(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
    const production = { appendonly: 'yes', save: '', 'maxmemory-policy': 'noeviction', maxmemory: '64mb' };
    return new RedisServer(await freePort(), { ...production, ...settings });
  }

  get url(): URL {
    return new URL(`redis://127.0.0.1:${this.port}`);
  }

  /** Starts it and waits until it answers, be it that it is still reading its file. */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const all = { port: String(this.port), bind: '127.0.0.1', dir: this.dir, ...this.settings, ...settings };
    const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]);
    const child = spawn(redisProgram() ?? 'redis-server', args, { stdio: 'ignore' });
    child.on('error', () => undefined);
    running.add(child);
    child.once('close', () => running.delete(child));
    this.child = child;
    await until('Redis answers', () => this.command('PING').then(() => true, isAnswer), { everyMs: 20 });
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'close');
    child.kill('SIGKILL');
    await gone;
  }

  /** One command on a connection of its own, which asks for nothing before it. */
  async command(name: string, ...args: string[]): Promise<unknown> {
    const redis = new Redis(this.url.href, {
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      enableReadyCheck: false,
      disableClientInfo: true,
      ...(this.settings.requirepass === undefined ? {} : { password: this.settings.requirepass }),
    });
    redis.on('error', () => undefined);
    try {
      return await redis.call(name, ...args);
    } finally {
      redis.disconnect();
    }
  }

  /** Fills it so that its next start takes about so long with these settings: it answers, and only that it is loading. */
  async makeSlow(ms: number): Promise<Readonly<Record<string, string>>> {
    const keys = 50;
    for (let i = 0; i < keys; i++) await this.command('SET', `ballast-${i}`, randomBytes(1_500).toString('hex'));
    // Of its two formats only one answers while it is read.
    await this.command('BGREWRITEAOF');
    await until('its file is rewritten', async () => {
      const info = String(await this.command('INFO', 'persistence'));
      return /aof_rewrite_in_progress:0/.test(info) && /aof_rewrite_scheduled:0/.test(info);
    });
    return { 'key-load-delay': String((ms * 1_000) / keys), 'loading-process-events-interval-bytes': '1024' };
  }

  async set(name: string, value: string): Promise<void> {
    await this.command('CONFIG', 'SET', name, value);
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

const isAnswer = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';
