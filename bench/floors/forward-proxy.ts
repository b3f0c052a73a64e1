import http from 'node:http';
import { listenAndTell } from './floor-server.js';

// Node:http in front of Node's own client: takes a request, sends the same with another token and message id, and gives back the answer.
// What passing a message on costs if nobody asks who may, where to, or what came back.

/** Headers that name the connection and not the message. */
const own = new Set(['host', 'connection', 'content-length', 'authorization', 'x-request-id']);
const kept = new Set(['content-type', 'x-total-count', 'x-limit', 'location', 'link']);

process.on('message', ({ port }: { readonly port: number }) => {
  const agent = new http.Agent({ keepAlive: true });
  let count = 0;
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = chunks.length === 0 ? undefined : chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
      const headers = [
        'Host',
        '127.0.0.1',
        'Authorization',
        'Token YW5vdGhlcg==',
        'X-Request-ID',
        `request-${++count}`,
      ];
      copy(request.rawHeaders, headers, (name) => !own.has(name));
      if (body) headers.push('Content-Length', String(body.length));
      const options = { agent, host: '127.0.0.1', port, method: request.method, path: request.url, headers };
      const outgoing = http.request(options, (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.on('end', () => {
          const whole = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
          const given = ['Content-Length', String(whole.length)];
          copy(answer.rawHeaders, given, (name) => kept.has(name));
          response.writeHead(answer.statusCode ?? 500, given);
          response.end(whole);
        });
      });
      outgoing.on('error', () => response.destroy());
      outgoing.end(body);
    });
  });
  listenAndTell(server);
});

function copy(from: readonly string[], to: string[], isWanted: (name: string) => boolean): void {
  for (let index = 0; index < from.length; index += 2) {
    const [name = '', value = ''] = [from[index], from[index + 1]];
    if (isWanted(name.toLowerCase())) to.push(name, value);
  }
}
