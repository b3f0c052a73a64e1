import type { AddressInfo } from 'node:net';
import net from 'node:net';

/** A listener that nobody must ever connect to. */
export class Canary {
  connections = 0;

  private constructor(private readonly server: net.Server) {
    server.on('connection', (socket) => {
      this.connections += 1;
      socket.destroy();
    });
  }

  static async listen(): Promise<Canary> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Canary(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/next`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
