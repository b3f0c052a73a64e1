import net from 'node:net';
import { freePort } from '../../support/e2e/ports.js';

/** One address for several nodes: each new connection goes to the next one that takes it. */
export class Balancer {
  private readonly sockets = new Set<net.Socket>();
  private next = 0;

  private constructor(
    readonly port: number,
    private readonly server: net.Server,
    private readonly ports: () => readonly number[],
  ) {
    server.on('connection', (near: net.Socket) => this.join(near, this.ports().length));
  }

  /** @param ports where the nodes listen that take connections now, on loopback */
  static async listen(port: number, ports: () => readonly number[]): Promise<Balancer> {
    const server = net.createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return new Balancer(port, server, ports);
  }

  static freePort(): Promise<number> {
    return freePort();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(near: net.Socket, attempts: number): void {
    near.pause();
    const ports = this.ports();
    const port = ports[this.next++ % ports.length] ?? 0;
    const far = net.connect(port, '127.0.0.1');
    let connected = false;
    far.once('connect', () => {
      connected = true;
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(socket);
        socket.pipe(other);
        socket.on('close', () => {
          this.sockets.delete(socket);
          other.destroy();
        });
      }
    });
    far.on('error', () => {
      if (connected) near.resetAndDestroy();
      else if (attempts > 1 && !near.destroyed) this.join(near, attempts - 1);
      else near.resetAndDestroy();
    });
    near.on('error', () => far.destroy());
  }
}
