import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { PlainResponse } from '../../../platform/http/index.js';
import { EvError, forbidden, notFound } from '../http/ev-error.js';
import type { EvCall, EvReply, EvRoute } from '../http/ev-route.js';
import { matchesAny, rangeOf } from './byte-range.js';
import type { PublishedVersion } from './export-directory.js';
import type { ManifestFile } from './manifest.js';
import type { StaticExports } from './static-exports.js';

export interface StaticRoutesOptions {
  readonly exports: Pick<StaticExports, 'list' | 'find'>;
  /** What clients see in front of `/static`, such as `https://hub.example/ev/v3`. */
  readonly baseUrl: () => string;
  /** How long a client may take nothing before it is let go, ms; a minute if absent. */
  readonly stallMs?: number;
}

/** Asked each time whether it is still right: what a key may see can change, what a version holds cannot. */
const caching = { 'Cache-Control': 'private, no-cache' };
const contentTypes: Readonly<Record<ManifestFile['format'], string>> = {
  'ndjson.gz': 'application/gzip',
  'geojson.gz': 'application/gzip',
  'csv.gz': 'application/gzip',
  parquet: 'application/vnd.apache.parquet',
};

/**
 * The static data product over HTTP: versions, their manifests, and their files, in parts if wanted. A version is given whole or not at
 * all: a key from which an agreement hides one of its parties gets none of it. HERE section 11.
 */
export function staticRoutes({ exports, baseUrl, stallMs = 60_000 }: StaticRoutesOptions): EvRoute[] {
  const urlOf = (version: string): string => `${baseUrl()}/static/${version}`;
  const route = (where: string, summary: string, handle: EvRoute['handle']): EvRoute => ({
    path: where,
    scope: 'static',
    summary,
    parameters: {},
    handle,
  });
  const wanted = async (call: EvCall): Promise<PublishedVersion> => {
    const version = await exports.find(call.params.version ?? '');
    if (!version) throw notFound('There is no such version, or it is no longer kept.');
    return seen(call, version);
  };
  return [
    route('/static', 'Versions of the static data product, newest first.', async (call) => {
      const all = await exports.list();
      const versions = all.filter((version) => isSeen(call, version));
      if (versions.length === 0 && all[0]) seen(call, all[0]);
      return {
        body: {
          versions: versions.map(({ manifest }) => ({
            version: manifest.version,
            generatedAt: manifest.generatedAt,
            schemaVersion: manifest.schemaVersion,
            previousVersion: manifest.previousVersion,
            counts: manifest.counts,
            bytes: manifest.files.reduce((total, { bytes }) => total + bytes, 0),
            manifest: urlOf(manifest.version),
          })),
        },
        headers: caching,
      };
    }),
    route('/static/latest', 'Manifest of the newest version.', async (call) => {
      const [newest] = await exports.list();
      if (!newest) throw notFound('No version has been made yet.');
      return manifestReply(seen(call, newest), urlOf);
    }),
    route('/static/{version}', 'Manifest of a version; its files lie below this URL by their names.', async (call) =>
      manifestReply(await wanted(call), urlOf),
    ),
    route('/static/{version}/{file}', 'A file of a version, or the part of it that Range names.', async (call) => {
      const version = await wanted(call);
      // Names come from the manifest alone, so that no path leads out of the folder.
      const file = version.manifest.files.find(({ name }) => name === call.params.file);
      if (!file) throw notFound('This version has no such file.');
      return await sendFile(call, path.join(version.directory, file.name), file, stallMs);
    }),
  ];
}

function isSeen(call: EvCall, { owners }: PublishedVersion): boolean {
  return owners.every((owner) => call.sees(owner, 'locations'));
}

function seen(call: EvCall, version: PublishedVersion): PublishedVersion {
  if (isSeen(call, version)) return version;
  throw forbidden(
    'The export holds data of parties that share none with the holder of this key, and it is given whole or not at all; ' +
      'single places can be asked for.',
  );
}

function manifestReply({ manifest, text }: PublishedVersion, urlOf: (version: string) => string): EvReply {
  return { text, headers: { ...caching, 'Content-Location': urlOf(manifest.version) } };
}

async function sendFile(
  { request, response }: EvCall,
  where: string,
  file: ManifestFile,
  stallMs: number,
): Promise<'taken'> {
  const handle = await openWhole(where, file);
  const etag = `"${file.sha256}"`;
  const headers = {
    ...caching,
    ETag: etag,
    'Accept-Ranges': 'bytes',
    'Repr-Digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
  };
  if (matchesAny(request.headers['if-none-match'], etag)) {
    await handle.close();
    response.writeHead(304, headers).end();
    return 'taken';
  }
  const ifRange = request.headers['if-range'];
  const range = ifRange === undefined || ifRange === etag ? rangeOf(request.headers.range, file.bytes) : undefined;
  if (range === 'unsatisfiable') {
    await handle.close();
    throw new EvError(416, `The file has ${file.bytes} bytes.`, 'Ask for a part of it.', {
      'Content-Range': `bytes */${file.bytes}`,
      'Accept-Ranges': 'bytes',
    });
  }
  const { start, end } = range ?? { start: 0, end: file.bytes - 1 };
  response.writeHead(range ? 206 : 200, {
    ...headers,
    'Content-Type': contentTypes[file.format],
    'Content-Length': end - start + 1,
    ...(range && { 'Content-Range': `bytes ${start}-${end}/${file.bytes}` }),
  });
  if (request.method === 'HEAD') {
    await handle.close();
    response.end();
  } else await stream(handle, start, end, response, stallMs);
  return 'taken';
}

/** Opened before anything is said of it: from then on it can be read to its end, whatever becomes of the version. */
async function openWhole(where: string, file: ManifestFile): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(where, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw notFound('This version is no longer kept.');
    throw error;
  }
  const { size } = await handle.stat();
  if (size === file.bytes) return handle;
  await handle.close();
  throw new EvError(500, 'The file is not what it was when it was made.', 'Take another version.');
}

/** Sends as fast as the client takes it. A client that goes, or takes nothing for too long, ends it. */
async function stream(
  handle: FileHandle,
  start: number,
  end: number,
  response: PlainResponse,
  stallMs: number,
): Promise<void> {
  response.setTimeout(stallMs, () => response.destroy());
  try {
    await pipeline(handle.createReadStream({ start, end }), response);
  } catch {
    // The status is out; all that is left is to end the connection, which tells that the rest is missing.
    response.destroy();
  } finally {
    await handle.close();
  }
}
