import net from 'node:net';
import { freePort } from './ports.js';

/** How bytes travel: each piece of `bytes` bytes, `everyMs` apart. */
export interface Trickle {
  readonly bytes: number;
  readonly everyMs: number;
}

/** A TCP relay of our own between a hub and a service, which can be cut, held, slowed down and left half open. */
export class Relay {
  private server: net.Server | undefined;
  private readonly sockets = new Set<net.Socket>();
  private readonly ways = new Set<Way>();
  private held = false;
  private swallowing = false;
  private delayMs = 0;
  private trickling: Trickle | undefined;

  private constructor(
    readonly port: number,
    private readonly target: { readonly host: string; readonly port: number },
  ) {}

  /** A relay that does not listen yet, as if the service were not there. */
  static async prepare(target: URL): Promise<Relay> {
    return new Relay(await freePort(), { host: target.hostname, port: Number(target.port) });
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.ways.size / 2;
  }

  /** The service's URL by way of this relay. */
  urlOf(target: URL): string {
    const url = new URL(target);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
  }

  /** Connections go through from now on. */
  async open(): Promise<void> {
    this.held = false;
    this.swallowing = false;
    const server = net.createServer((near) => this.join(near));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.server = server;
  }

  /** The service is gone: every connection is reset, new ones are refused. */
  async cut(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    this.reset();
    await closed;
  }

  /** Every connection is reset; new ones go through. */
  reset(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** The service hangs: connections stay open and nothing comes through. */
  hold(): void {
    this.held = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** What was held goes on. */
  release(): void {
    this.held = false;
    for (const socket of this.sockets) socket.resume();
  }

  /**
   * The other ends vanish without a word: what is sent on the connections of now, and on those that come before `heal`,
   * is lost for good and nobody is told.
   */
  halfOpen(): void {
    this.swallowing = true;
    for (const way of this.ways) way.isDead = true;
  }

  /** Connections that come from now on go through again; the half-open ones stay dead. */
  heal(): void {
    this.swallowing = false;
  }

  /** Everything takes so long in each direction from now on, ms; 0 for no time at all. */
  delay(ms: number): void {
    this.delayMs = ms;
  }

  /** Bytes come through in small pieces from now on; undefined for all at once. */
  trickle(pieces: Trickle | undefined): void {
    this.trickling = pieces;
  }

  private join(near: net.Socket): void {
    const far = net.connect(this.target);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      const way = new Way(other, () => ({ delayMs: this.delayMs, trickling: this.trickling }));
      way.isDead = this.swallowing;
      this.sockets.add(socket);
      this.ways.add(way);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => way.carry(chunk));
      socket.on('close', () => {
        this.sockets.delete(socket);
        this.ways.delete(way);
        // Who hangs up on a half-open connection is not heard either.
        if (way.isDead && this.server) socket.destroy();
        else way.end();
      });
      if (this.held) socket.pause();
    }
  }
}

/** One direction of a connection: keeps the order of what it carries, at whatever pace. */
class Way {
  isDead = false;
  private readonly waiting: { readonly chunk: Buffer; readonly due: number }[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly to: net.Socket,
    private readonly pace: () => { readonly delayMs: number; readonly trickling: Trickle | undefined },
  ) {}

  carry(chunk: Buffer): void {
    if (this.isDead) return;
    const { delayMs, trickling } = this.pace();
    if (delayMs === 0 && !trickling && this.waiting.length === 0) {
      this.to.write(chunk);
      return;
    }
    const due = performance.now() + delayMs;
    const size = trickling?.bytes ?? chunk.length;
    for (let at = 0; at < chunk.length; at += size) {
      const last = this.waiting.at(-1)?.due ?? 0;
      const earliest = trickling ? last + trickling.everyMs : last;
      this.waiting.push({ chunk: chunk.subarray(at, at + size), due: Math.max(due, earliest) });
    }
    this.goOn();
  }

  end(): void {
    clearTimeout(this.timer);
    this.waiting.length = 0;
    this.to.destroy();
  }

  private goOn(): void {
    const [next] = this.waiting;
    if (!next) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        this.waiting.shift();
        if (!this.isDead) this.to.write(next.chunk);
        this.goOn();
      },
      Math.max(0, next.due - performance.now()),
    );
  }
}
