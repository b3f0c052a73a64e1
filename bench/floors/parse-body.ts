import http from 'node:http';
import { type FixedAnswer, listenAndTell } from './floor-server.js';

// Node:http that parses the body and does nothing with it: what accepting a change costs if nothing is kept.
process.on('message', ([answer]: readonly FixedAnswer[]) => {
  const headers = [...(answer?.headers ?? [])];
  const body = Buffer.from(answer?.body ?? []);
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString('utf8'));
      response.writeHead(200, headers);
      response.end(body);
    });
  });
  listenAndTell(server);
});
