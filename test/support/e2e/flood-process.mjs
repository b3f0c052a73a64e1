/**
 * Sends PATCHes for several partners, each at a rate of its own, until told to stop. A process of its own, for it takes as
 * much of a processor as the hub does. Takes one message `{ port, seconds, partners }` (see flood.ts) and answers with one.
 *
 * It begins when every connection has brought an answer: until then it may only stand in the system's queue.
 * Requests are due at fixed times, whether or not earlier ones are answered; one that is due while all connections of its
 * partner wait for answers is sent as soon as one is free, or dropped if `backlog` others wait before it.
 */
import net from 'node:net';

const tickMs = 5;

process.once('message', ({ port, seconds, partners }) => {
  const senders = partners.map((partner) => new Sender(port, partner));
  const openedAt = performance.now();
  let startedAt;
  const timer = setInterval(() => {
    if (startedAt === undefined) {
      if (senders.some((sender) => sender.isOpening) && performance.now() - openedAt < 20_000) return;
      startedAt = performance.now();
    }
    const elapsed = (performance.now() - startedAt) / 1000;
    if (elapsed < seconds && !senders.every((sender) => sender.isGone))
      for (const sender of senders) sender.pace(elapsed);
    else if (senders.every((sender) => sender.isDone) || elapsed > seconds + 20) {
      clearInterval(timer);
      for (const sender of senders) sender.end();
      process.send(
        senders.map((sender) => sender.result(seconds)),
        () => process.exit(0),
      );
    }
  }, tickMs);
});

class Sender {
  opened = 0;
  idle = [];
  busy = 0;
  due = 0;
  paced = 0;
  sent = 0;
  dropped = 0;
  broken = 0;
  withoutRetryAfter = 0;
  statuses = {};
  /** Milliseconds of answers that acknowledge. */
  times = [];
  sockets = new Set();
  ended = false;

  constructor(port, partner) {
    this.port = port;
    this.partner = partner;
    for (let n = 0; n < partner.connections; n += 1) this.open();
  }

  get isOpening() {
    return this.opened < this.partner.connections;
  }

  get isDone() {
    return this.busy === 0;
  }

  /** Whether its last connection has ended. */
  get isGone() {
    return this.sockets.size === 0 && !this.partner.reconnect;
  }

  open() {
    const socket = net.connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    const connection = { socket, open: false, sentAt: 0, busy: false, text: '' };
    this.sockets.add(socket);
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'));
    socket.on('data', (text) => this.read(connection, text));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.sockets.delete(socket);
      this.idle = this.idle.filter((other) => other !== connection);
      if (connection.busy) {
        this.busy -= 1;
        if (!this.ended) this.broken += 1;
      }
      if (this.partner.reconnect) setTimeout(() => this.ended || this.open(), 100);
    });
  }

  pace(elapsed) {
    const now = Math.floor(elapsed * this.partner.rate);
    this.due += now - this.paced;
    this.paced = now;
    while (this.due > 0 && this.idle.length > 0) this.send(this.idle.pop());
    if (this.due > this.partner.backlog) {
      this.dropped += this.due - this.partner.backlog;
      this.due = this.partner.backlog;
    }
  }

  free(connection) {
    if (this.due > 0) this.send(connection);
    else this.idle.push(connection);
  }

  send(connection) {
    this.due -= 1;
    this.busy += 1;
    const { targets, head } = this.partner;
    const body = `{"status":"${this.sent % 2 === 0 ? 'CHARGING' : 'AVAILABLE'}","last_updated":"${new Date().toISOString()}"}`;
    connection.busy = true;
    connection.sentAt = performance.now();
    connection.socket.write(
      `PATCH ${targets[this.sent % targets.length]} HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    this.sent += 1;
  }

  read(connection, text) {
    connection.text += text;
    const end = connection.text.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(connection.text)?.[1] ?? 0);
    if (connection.text.length < end + 4 + length) return;
    const answer = connection.text;
    connection.text = '';
    if (!connection.open) {
      connection.open = true;
      this.opened += 1;
      this.free(connection);
      return;
    }
    const status = answer.slice(9, 12);
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
    if (status === '200') this.times.push(performance.now() - connection.sentAt);
    else if (!/\r\nretry-after: *[1-9]/i.test(answer.slice(0, end))) this.withoutRetryAfter += 1;
    if (status === '200' && !answer.includes('"status_code":1000')) this.statuses.odd = (this.statuses.odd ?? 0) + 1;
    this.busy -= 1;
    connection.busy = false;
    if (/\r\nconnection: *close/i.test(answer.slice(0, end))) connection.socket.destroy();
    else this.free(connection);
  }

  end() {
    this.ended = true;
    for (const socket of this.sockets) socket.destroy();
  }

  result(seconds) {
    const sorted = Float64Array.from(this.times).sort();
    const quantile = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const { statuses, sent, dropped, broken, withoutRetryAfter, busy } = this;
    return {
      accepted: sorted.length,
      perSecond: sorted.length / seconds,
      statuses,
      sent,
      dropped,
      broken,
      unanswered: busy,
      withoutRetryAfter,
      p50: quantile(0.5),
      p99: quantile(0.99),
      max: sorted.at(-1) ?? 0,
    };
  }
}
