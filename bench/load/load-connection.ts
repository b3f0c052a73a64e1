import net from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');

export interface LoadSource {
  /** The next request to send, or undefined when enough are under way. */
  next(): Uint8Array | undefined;
  /** Told of each complete answer; `piece` is its last stretch of bytes, the whole answer if that came in one. */
  done(status: number, bodyBytes: number, piece: Buffer): void;
  failed(error: Error): void;
}

/**
 * One keep-alive connection that sends a request, reads the answer and sends the next.
 *
 * It understands of HTTP what it needs: status, Content-Length, `Connection: close`. A client library would take several times the
 * CPU of the server that is to be measured.
 */
export class LoadConnection {
  private socket: net.Socket;
  private head: Buffer | undefined;
  private status = 0;
  private bodyBytes = 0;
  private missing = 0;
  private closing = false;
  private busy = false;
  private ended = false;

  constructor(
    private readonly port: number,
    private readonly source: LoadSource,
  ) {
    this.socket = this.open();
  }

  end(): void {
    this.ended = true;
    this.socket.destroy();
  }

  private open(): net.Socket {
    const socket = net.connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    socket.on('connect', () => this.send());
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('error', (error) => this.lost(socket, error));
    socket.on('close', () => this.lost(socket, new Error('The server closed the connection in an exchange.')));
    return socket;
  }

  private lost(socket: net.Socket, error: Error): void {
    if (this.ended || socket !== this.socket) return;
    if (this.busy) {
      this.ended = true;
      this.source.failed(error);
    } else this.socket = this.open();
  }

  private send(): void {
    const request = this.source.next();
    if (!request) return;
    this.busy = true;
    this.socket.write(request);
  }

  private read(chunk: Buffer): void {
    if (this.missing > 0) {
      this.missing -= chunk.length;
      if (this.missing <= 0) this.finish(chunk);
      return;
    }
    const data = this.head ? Buffer.concat([this.head, chunk]) : chunk;
    const end = data.indexOf(headEnd);
    if (end === -1) {
      this.head = data;
      return;
    }
    this.head = undefined;
    const head = data.toString('latin1', 0, end + 2);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.source.failed(new Error(`An answer without Content-Length:\n${head}`));
      return;
    }
    this.status = Number(head.slice(9, 12));
    this.closing = /\r\nconnection: *close/i.test(head);
    this.bodyBytes = Number(length);
    this.missing = end + 4 + this.bodyBytes - data.length;
    if (this.missing <= 0) this.finish(data);
  }

  private finish(piece: Buffer): void {
    this.missing = 0;
    this.busy = false;
    this.source.done(this.status, this.bodyBytes, piece);
    if (this.ended) return;
    if (this.closing) this.socket.destroy();
    else this.send();
  }
}
