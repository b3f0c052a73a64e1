import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../support/e2e/ports.js';
import { ServerProcess } from './server-process.js';

/** A Redis of this run, set as in production (no eviction, append-only file), that can be harmed. */
export class RedisServer {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly process: ServerProcess,
  ) {}

  static async create(): Promise<RedisServer> {
    const port = await freePort();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'roamhub-chaos-redis-'));
    const settings = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes', appendfsync: 'everysec' };
    const args = Object.entries({ ...settings, 'maxmemory-policy': 'noeviction', daemonize: 'no' });
    const flat = args.flatMap(([name, value]) => [`--${name}`, String(value)]);
    return new RedisServer(port, folder, new ServerProcess('redis-server', flat));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  start(): Promise<void> {
    return this.process.start(() =>
      this.command('PING').then(
        (text) => text.startsWith('+PONG'),
        () => false,
      ),
    );
  }

  /** As `kill -9`. */
  kill(): Promise<void> {
    return this.process.end('SIGKILL');
  }

  freeze(): void {
    this.process.signal('SIGSTOP');
  }

  thaw(): void {
    this.process.signal('SIGCONT');
  }

  /** Sends one command as a line of text; resolves with the first lines of the answer. */
  command(line: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.port, '127.0.0.1', () => socket.write(`${line}\r\n`));
      socket.setTimeout(2_000, () => socket.destroy(new Error('Redis does not answer')));
      socket.once('error', reject);
      socket.once('data', (data) => {
        socket.destroy();
        resolve(data.toString());
      });
    });
  }

  async remove(): Promise<void> {
    await this.process.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
