import net from 'node:net';

/**
 * Writes bytes to a server as they are and resolves with all that comes back until the server closes, for requests that no
 * HTTP client would send.
 *
 * @param end whether to close our side after writing
 */
export function sendRaw(
  url: string,
  bytes: string | Buffer | readonly (string | Buffer)[],
  end = false,
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = net.connect(Number(port), hostname, () => {
      for (const part of Array.isArray(bytes) ? bytes : [bytes]) socket.write(part);
      if (end) socket.end();
    });
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    const done = (): void => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('latin1'));
    };
    // A server that closes while we still write resets the connection; what it said before counts.
    socket.on('error', done);
    socket.on('close', done);
  });
}

/** Head and body of the first answer in what {@link sendRaw} brought. */
export function parseRaw(text: string): { status: number; headers: Map<string, string>; body: string } {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, Math.max(0, end)).split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const length = Number(headers.get('content-length') ?? text.length);
  return { status: Number(statusLine.split(' ')[1]), headers, body: text.slice(end + 4, end + 4 + length) };
}
