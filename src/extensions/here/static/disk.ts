import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';

export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves once what was written survives a crash of the machine. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface OldFile {
  /** Fills `target` from there on; returns how many bytes there were, fewer at the end of the file. */
  read(target: Uint8Array, offset: number): Promise<number>;
  close(): Promise<void>;
}

/** What exports need of a file system; each call may fail at any time. */
export interface Disk {
  makeDirectory(path: string): Promise<void>;
  /** Fails if the file is there already. */
  create(path: string): Promise<NewFile>;
  open(path: string): Promise<OldFile>;
  /** Fails if `to` is a directory that is not empty. */
  rename(from: string, to: string): Promise<void>;
  /** Makes entries of the directory (new, renamed, gone) survive a crash of the machine. */
  syncDirectory(path: string): Promise<void>;
  /** A file, or a directory with all in it; nothing happens if it is not there. */
  remove(path: string): Promise<void>;
  /** Entries of a directory; none if it is not there. */
  names(path: string): Promise<string[]>;
  readText(path: string): Promise<string>;
  /** Size in bytes. */
  sizeOf(path: string): Promise<number>;
}

async function create(path: string): Promise<NewFile> {
  const handle = await open(path, 'wx', 0o640);
  return {
    async write(bytes) {
      let done = 0;
      while (done < bytes.length) done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

async function openOld(path: string): Promise<OldFile> {
  const handle = await open(path, 'r');
  return {
    async read(target, offset) {
      let filled = 0;
      while (filled < target.length) {
        const { bytesRead } = await handle.read(target, filled, target.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    },
    close: () => handle.close(),
  };
}

export const nodeDisk: Disk = {
  makeDirectory: async (path) => void (await mkdir(path, { recursive: true, mode: 0o750 })),
  create,
  open: openOld,
  rename,
  async syncDirectory(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  remove: (path) => rm(path, { recursive: true, force: true }),
  async names(path) {
    try {
      return await readdir(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  },
  readText: (path) => readFile(path, 'utf8'),
  sizeOf: async (path) => (await stat(path)).size,
};
