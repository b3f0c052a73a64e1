import net from 'node:net';

/** Passes connections on to a server, and can stand still as the kernel does for a process that is stopped. */
export class TcpProxy {
  private readonly sockets = new Set<net.Socket>();
  private readonly server: net.Server;
  private frozen = false;
  private chunksLeft = Number.POSITIVE_INFINITY;
  private onFrozen: () => void = () => undefined;

  private constructor(private readonly target: { readonly host: string; readonly port: number }) {
    this.server = net.createServer((socket) => this.pass(socket));
  }

  static async open(host: string, port: number): Promise<TcpProxy> {
    const proxy = new TcpProxy({ host, port });
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  /** Stands still once `chunks` more pieces came from the clients, the last of which still arrives. Resolves then. */
  freezeAfter(chunks: number): Promise<void> {
    this.chunksLeft = chunks;
    return new Promise((resolve) => {
      this.onFrozen = resolve;
    });
  }

  thaw(): void {
    this.frozen = false;
    this.chunksLeft = Number.POSITIVE_INFINITY;
    for (const socket of this.sockets) socket.resume();
  }

  /** Cuts all connections. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(client: net.Socket): void {
    const server = net.connect(this.target);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      if (this.frozen) from.pause();
      from.on('data', (chunk) => {
        to.write(chunk);
        if (from === client && !this.frozen && --this.chunksLeft <= 0) this.freeze();
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }

  private freeze(): void {
    this.frozen = true;
    for (const socket of this.sockets) socket.pause();
    this.onFrozen();
  }
}
