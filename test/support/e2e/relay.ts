import net from 'node:net';
import { freePort } from './ports.js';

/** A TCP relay of our own between a hub and a service, which can be cut and held. */
export class Relay {
  private server: net.Server | undefined;
  private readonly sockets = new Set<net.Socket>();
  private held = false;

  private constructor(
    readonly port: number,
    private readonly target: { readonly host: string; readonly port: number },
  ) {}

  /** A relay that does not listen yet, as if the service were not there. */
  static async prepare(target: URL): Promise<Relay> {
    return new Relay(await freePort(), { host: target.hostname, port: Number(target.port) });
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
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
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

  private join(near: net.Socket): void {
    const far = net.connect(this.target);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => other.write(chunk));
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      if (this.held) socket.pause();
    }
  }
}
