import http from 'node:http';
import { type FixedAnswer, listenAndTell } from './floor-server.js';

// Raw node:http that sends ready answers, the same bytes as the hub: what a page costs if nothing is done for it.
process.on('message', (answers: readonly FixedAnswer[]) => {
  const ready = new Map(
    answers.map(({ target, headers, body }) => [target, { headers: [...headers], body: Buffer.from(body) }]),
  );
  const server = http.createServer((request, response) => {
    const answer = ready.get(request.url ?? '');
    response.writeHead(answer ? 200 : 404, answer?.headers ?? ['Content-Length', '0']);
    response.end(answer?.body);
  });
  listenAndTell(server);
});
