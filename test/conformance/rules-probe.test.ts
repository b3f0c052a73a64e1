import { expect, it } from '@jest/globals';
import { location, startTestHub, parseRaw, sendRaw, cast } from '../support/hub/index.js';
import { encodeAuthorization } from '../../src/kernel/credentials-token.js';

it('probe', async () => {
  const hub = await startTestHub();
  const out: unknown[] = [];
  const auth = `Authorization: ${encodeAuthorization(cast.P1.token)}\r\n`;
  try {
    out.push((await hub.as('P1', 'PUT', `${hub.receiver.locations}/DE/CP1/LOC1`, { body: location() })).text);
    out.push((await hub.as('P1', 'GET', `${hub.receiver.locations}/DE/CP1/LOC1/`)).text.slice(0, 80));
    const head = await hub.as('P1', 'HEAD', `${hub.receiver.locations}/DE/CP1/LOC1`);
    out.push(['HEAD', head.status, head.headers]);
    const options = await hub.as('P1', 'OPTIONS', `${hub.receiver.locations}/DE/CP1/LOC1`);
    out.push(['OPTIONS', options.status, options.headers, options.text]);
    const bad = await hub.as('P1', 'GET', `${hub.receiver.locations}/DE/CP1/%E0%A4%A`);
    out.push(['bad escape', bad.status, bad.text]);
    out.push(['nohost', await sendRaw(hub.url, `GET /ocpi/versions HTTP/1.1\r\n${auth}Connection: close\r\n\r\n`)]);
    out.push(['expect', await sendRaw(hub.url, `GET /ocpi/versions HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\n${auth}Connection: close\r\n\r\n`)]);
    out.push(['connect', await sendRaw(hub.url, `CONNECT a:443 HTTP/1.1\r\nHost: x\r\n${auth}Connection: close\r\n\r\n`)]);
    out.push(['upgrade', await sendRaw(hub.url, `GET /ocpi/versions HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n${auth}\r\n`)]);
    out.push(['garbage', await sendRaw(hub.url, `\x00\x01garbage\r\n\r\n`)]);
    out.push(['hugeheader', (await sendRaw(hub.url, `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20000)}\r\n\r\n`)).slice(0, 300)]);
    out.push(['empty method', parseRaw(await sendRaw(hub.url, `GET /ocpi/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`))]);
    out.push(hub.outcomes.map((o) => [o.method, o.path, o.httpStatus, o.statusCode, o.fault]));
    const bi = await hub.as('P6', 'GET', `${hub.receiver.locations}/ES/${encodeURIComponent('Sıſ')}/LOC1`).catch((e) => e);
    out.push(['unicode', bi.status, bi.text, bi.message]);
  } finally {
    process.stdout.write(out.map((o) => JSON.stringify(o)).join('\n') + '\n');
    await hub.close();
  }
  expect(1).toBe(1);
});
