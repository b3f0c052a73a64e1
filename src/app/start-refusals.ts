import { mkdirSync } from 'node:fs';
import { ConfigRefusal, type ListenerConfig } from '../platform/config/index.js';
import type { PublicServer } from '../platform/http/index.js';
import { StorageRefusal, StorageUnavailable } from '../platform/storage/index.js';

/** @throws ConfigRefusal with a sentence for the operator */
export function makeDataDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new ConfigRefusal([
      `The data directory ${directory} cannot be made (${(error as NodeJS.ErrnoException).code}).`,
    ]);
  }
}

/** Resolves when the server listens. */
export function listen(server: PublicServer, { host, port }: ListenerConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

const listenProblems: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'may not be used by this user',
  EADDRNOTAVAIL: 'cannot be used: this machine has no such address',
  ENOTFOUND: 'cannot be used: there is no such host name',
};

/** A database that can be opened and not used keeps the hub from starting, too. */
export async function orStorageRefusal<T>(opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    const { code = 'no answer' } = (error.cause ?? {}) as { code?: string };
    throw new StorageRefusal(`The database cannot be used (${code}).`);
  }
}

/** What keeps a listener from listening, in the operator's words. */
export async function orRefusal<T>({ host, port }: ListenerConfig, listening: Promise<T>): Promise<T> {
  try {
    return await listening;
  } catch (error) {
    const problem = listenProblems[(error as NodeJS.ErrnoException).code ?? ''];
    throw problem === undefined ? error : new ConfigRefusal([`Port ${port} on ${host} ${problem}.`]);
  }
}
