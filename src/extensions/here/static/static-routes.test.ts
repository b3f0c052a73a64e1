import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import http from 'node:http';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EvTestServer, startEvServer, testKey } from '../http/testing/ev-test-server.js';
import { matchesAny, rangeOf } from './byte-range.js';
import type { Manifest, ManifestFile } from './manifest.js';
import type { StaticExports } from './static-exports.js';
import { staticRoutes } from './static-routes.js';
import { ExportsWorld } from './testing/exports-world.js';

let world: ExportsWorld;
let exports: StaticExports;
let server: EvTestServer;
let hidden: ReadonlySet<string>;

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

async function get(where: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  const { status, headers: sent, bytes } = await server.get(where, { ...authorization, ...headers }, method);
  return { status, headers: sent, body: bytes };
}

const authorization = { Authorization: `Bearer ${testKey}` };

/** A client of its own, for what an ordinary one does not do. */
function begin(where: string): Socket {
  const { hostname, port, pathname } = new URL(server.base);
  const socket = connect(Number(port), hostname, () =>
    socket.write(
      `GET ${pathname}${where} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization.Authorization}\r\n\r\n`,
    ),
  );
  return socket;
}

beforeEach(async () => {
  world = new ExportsWorld();
  exports = world.exports({ keep: 2 });
  hidden = new Set();
  for (let at = 0; at < 100; at++)
    world.put({ id: `L${at}`, name: createHash('sha256').update(`${at}`).digest('hex') });
  world.put({ id: 'X', party: 'DE/GON' });
  const routes = staticRoutes({ exports, baseUrl: () => 'https://hub.example/ev/v3', stallMs: 500 });
  server = await startEvServer(routes, { sees: (_key, owner) => !hidden.has(owner) });
});
afterEach(async () => {
  expect(server.failures).toEqual([]);
  await server.close();
  world.release();
});

const made = async (): Promise<{ manifest: Manifest; file: ManifestFile; url: string; bytes: Buffer }> => {
  const manifest = await exports.make();
  const file = manifest.files[0] as ManifestFile;
  const bytes = readFileSync(path.join(world.dataDir, 'exports', manifest.version, file.name));
  return { manifest, file, url: `/static/${manifest.version}/${file.name}`, bytes };
};

describe('versions and manifests', () => {
  it('are listed, newest first', async () => {
    expect(JSON.parse(`${(await get('/static')).body}`)).toEqual({ versions: [] });
    expect((await get('/static/latest')).status).toBe(404);
    const first = await exports.make();
    const second = await exports.make();
    const { versions } = JSON.parse(`${(await get('/static')).body}`);
    expect(versions.map((one: { version: string }) => one.version)).toEqual([second.version, first.version]);
    expect(versions[0].manifest).toBe(`https://hub.example/ev/v3/static/${second.version}`);
    const latest = await get('/static/latest');
    expect(JSON.parse(`${latest.body}`)).toEqual(second);
    expect(latest.headers['content-location']).toBe(versions[0].manifest);
    expect(JSON.parse(`${(await get(`/static/${first.version}`)).body}`)).toEqual(first);
    expect((await get('/static/2026-11-24T02-10-00Z-0009')).status).toBe(404);
  });
});

describe('a file', () => {
  it('is sent whole, with its length and checksum', async () => {
    const { url, file, bytes } = await made();
    const { status, headers, body } = await get(url);
    expect(status).toBe(200);
    expect(body.equals(bytes)).toBe(true);
    expect(createHash('sha256').update(body).digest('hex')).toBe(file.sha256);
    expect(headers).toMatchObject({
      'content-length': String(bytes.length),
      etag: `"${file.sha256}"`,
      'accept-ranges': 'bytes',
      'content-type': 'application/gzip',
    });
    expect(headers['content-encoding']).toBeUndefined();
    const head = await get(url, {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, String(bytes.length), 0]);
  });

  it('is sent in parts that fit together', async () => {
    const { url, bytes } = await made();
    const size = bytes.length;
    const parts = [
      { range: 'bytes=0-99', start: 0, end: 99 },
      { range: `bytes=100-${size + 50}`, start: 100, end: size - 1 },
      { range: `bytes=${size - 1}-`, start: size - 1, end: size - 1 },
      { range: 'bytes=-7', start: size - 7, end: size - 1 },
      { range: `bytes=-${size + 7}`, start: 0, end: size - 1 },
    ];
    for (const { range, start, end } of parts) {
      const { status, headers, body } = await get(url, { Range: range });
      expect([range, status, headers['content-range']]).toEqual([range, 206, `bytes ${start}-${end}/${size}`]);
      expect(headers['content-length']).toBe(String(end - start + 1));
      expect(body.equals(bytes.subarray(start, end + 1))).toBe(true);
    }
    for (const range of [`bytes=${size}-`, 'bytes=-0']) {
      const { status, headers } = await get(url, { Range: range });
      expect([status, headers['content-range']]).toEqual([416, `bytes */${size}`]);
    }
    for (const range of ['bytes=5-3', 'bytes=0-1,4-5', 'lines=0-1', 'bytes=-', 'bytes=a-b', ''])
      expect((await get(url, { Range: range })).body.length).toBe(size);
  });

  it('is not sent again to who has it, and a part only of the file that the caller has begun', async () => {
    const { url, file } = await made();
    const etag = `"${file.sha256}"`;
    for (const known of [etag, `"x", W/${etag}`, '*']) {
      const { status, body } = await get(url, { 'If-None-Match': known });
      expect([status, body.length]).toEqual([304, 0]);
    }
    expect((await get(url, { 'If-None-Match': '"x"' })).status).toBe(200);
    expect((await get(url, { Range: 'bytes=0-1', 'If-Range': etag })).status).toBe(206);
    for (const other of ['"x"', `W/${etag}`, 'Tue, 24 Nov 2026 02:10:00 GMT'])
      expect((await get(url, { Range: 'bytes=0-1', 'If-Range': other })).status).toBe(200);
  });

  it('is one of the manifest, and nothing else on the disk', async () => {
    const { manifest } = await made();
    const others = [
      'manifest.json',
      'owners.json',
      'index.txt',
      'nothing',
      '..%2Fmanifest.json',
      '..%2F..%2F..%2Fetc%2Fpasswd',
      '',
      '%00',
    ];
    for (const name of others)
      expect([name, (await get(`/static/${manifest.version}/${name}`)).status]).toEqual([name, 404]);
    const file = manifest.files[0]?.name;
    for (const version of [
      '..',
      '%2e%2e',
      '.',
      `${manifest.version}%2F`,
      `..%2Fexports%2F${manifest.version}`,
      'latest',
    ])
      expect([version, (await get(`/static/${version}/${file}`)).status]).toEqual([version, 404]);
  });

  it('of a version that is no longer kept is not there, and one being sent is sent to its end', async () => {
    const { url, bytes } = await made();
    const received = await new Promise<Buffer>((resolve, reject) => {
      http
        .get(server.base + url, { agent: false, headers: authorization }, (response) => {
          rmSync(path.join(world.dataDir, 'exports'), { recursive: true });
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
          response.on('end', () => resolve(Buffer.concat(chunks)));
        })
        .on('error', reject);
    });
    expect(received.equals(bytes)).toBe(true);
    expect((await get(url)).status).toBe(404);
  });

  it('is closed when the client goes, or takes nothing', async () => {
    // More than the system takes on its way, and nothing that compresses well.
    const noise = (at: number): string =>
      Array.from({ length: 60 }, (_, part) => createHash('sha512').update(`${at} ${part}`).digest('base64')).join('');
    for (let at = 0; at < 4_000; at++) world.put({ id: `M${at}`, name: noise(at), evses: [] });
    const { url } = await made();
    const openFiles = (): number =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(world.dataDir);
        } catch {
          return false;
        }
      }).length;
    // The system closes them in its own time; if it never does, this test runs out of time.
    const allClosed = async (): Promise<void> => {
      while (openFiles() > 0) await new Promise(setImmediate);
    };
    const gone = begin(url);
    await new Promise((resolve) => gone.once('data', resolve));
    gone.destroy();
    await allClosed();
    // This one reads the head and then nothing.
    const idle = begin(url);
    await new Promise((resolve) => idle.once('readable', resolve));
    expect(openFiles()).toBe(1);
    await allClosed();
    idle.destroy();
  });
});

describe('a key that may not see everything', () => {
  it('needs the right to read the product at all', async () => {
    await exports.make();
    expect((await get('/static', { Authorization: 'Bearer key-of-static' })).status).toBe(200);
    for (const where of ['/static', '/static/latest'])
      expect((await get(where, { Authorization: 'Bearer key-of-browse' })).status).toBe(403);
  });

  it('gets nothing of a version that holds what is hidden from it', async () => {
    const { manifest, url } = await made();
    hidden = new Set(['DE/GON']);
    for (const where of ['/static', '/static/latest', `/static/${manifest.version}`, url]) {
      const { status, body } = await get(where);
      expect([where, status]).toEqual([where, 403]);
      expect(`${body}`).toContain('whole or not at all');
      expect(`${body}`).not.toContain('GON');
    }
    hidden = new Set(['FR/ELSE']);
    expect((await get(url)).status).toBe(200);
  });

  it('gets the versions without it, but not the delta that deletes it', async () => {
    await exports.make();
    world.remove('X');
    const second = await exports.make();
    hidden = new Set(['DE/GON']);
    expect((await get(`/static/${second.version}/delta.ndjson.gz`)).status).toBe(403);
    const third = await exports.make();
    expect(JSON.parse(`${(await get('/static')).body}`).versions).toMatchObject([{ version: third.version }]);
    expect((await get(`/static/${third.version}/delta.ndjson.gz`)).status).toBe(200);
  });
});

describe('headers', () => {
  it('that cannot be read ask for the whole', () => {
    expect(rangeOf(undefined, 10)).toBeUndefined();
    expect(rangeOf('bytes=2-4', 10)).toEqual({ start: 2, end: 4 });
    expect(rangeOf('bytes=0-', 0)).toBe('unsatisfiable');
    expect(matchesAny('"a" , "b"', '"b"')).toBe(true);
    expect(matchesAny('b', '"b"')).toBe(false);
  });
});
