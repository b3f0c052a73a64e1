import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Disk } from './disk.js';
import { isVersion } from './export-version.js';
import { type Manifest, manifestName, type Owners, ownersName } from './manifest.js';

/** A version that is there in full; never changes. */
export interface PublishedVersion {
  readonly manifest: Manifest;
  /** Its manifest as it is served, JSON. */
  readonly text: string;
  readonly directory: string;
  /** Party keys whose data it shows, those whose last Location its delta deletes included. */
  readonly owners: readonly string[];
  /** Party keys of its records. */
  readonly ownersOfRecords: readonly string[];
}

/** Folders whose name begins with these are on their way in or out; nobody is shown them. */
const making = '.making-';
const leaving = '.leaving-';

/**
 * The folder of exports, one folder a version. A version appears by one rename and goes by another, so that it is there in full or
 * not at all; the newest is found by its name.
 */
export class ExportDirectory {
  private readonly read = new Map<string, Promise<PublishedVersion>>();

  constructor(
    readonly root: string,
    private readonly disk: Disk,
    private readonly warn: (event: string, detail: Readonly<Record<string, unknown>>) => void,
  ) {}

  /** Newest first. Several nodes may share the folder, so it is looked at each time. */
  async list(): Promise<readonly PublishedVersion[]> {
    const names = await this.names();
    for (const known of this.read.keys()) if (!names.includes(known)) this.read.delete(known);
    const versions = await Promise.all(names.map((name) => this.find(name)));
    return versions.filter((version) => version !== undefined);
  }

  /** Of what is there, readable or not; the next is named behind it. */
  async newestName(): Promise<string | undefined> {
    return (await this.names())[0];
  }

  async find(name: string): Promise<PublishedVersion | undefined> {
    if (!isVersion(name)) return undefined;
    let version = this.read.get(name);
    if (!version) {
      version = this.load(name);
      this.read.set(name, version);
    }
    try {
      return await version;
    } catch (error) {
      // Asked again, it may be readable again. One that another node is just taking away is nothing to tell.
      this.read.delete(name);
      if ((await this.disk.names(this.root)).includes(name))
        this.warn('ev.export-unreadable', { version: name, error: (error as Error).message });
      return undefined;
    }
  }

  /** An empty folder to make a version in. */
  async begin(version: string): Promise<string> {
    const directory = path.join(this.root, `${making}${version}-${randomBytes(4).toString('hex')}`);
    await this.disk.makeDirectory(directory);
    return directory;
  }

  /** Shows what was made to everybody, at once. Rejects if it could not be; then nothing is shown. */
  async publish(directory: string, version: string): Promise<void> {
    await this.disk.rename(directory, path.join(this.root, version));
    // It is there now whatever follows; without this it might be gone after a crash of the machine.
    await this.disk
      .syncDirectory(this.root)
      .catch((error: Error) => this.warn('ev.export-not-flushed', { version, error: error.message }));
  }

  /**
   * Takes away what is older than the newest `keep` that can be read. What is being sent of it can be sent to its end: an open file
   * stays until it is closed.
   */
  async retire(keep: number): Promise<void> {
    const oldest = (await this.list())[keep - 1]?.manifest.version;
    if (oldest === undefined) return;
    for (const name of await this.names()) {
      if (name >= oldest) continue;
      const out = path.join(this.root, `${leaving}${name}-${randomBytes(4).toString('hex')}`);
      await this.disk.rename(path.join(this.root, name), out);
      await this.disk.remove(out);
    }
  }

  /** Takes away what a process that ended left half made or half removed; only while nobody makes a version. */
  async sweep(): Promise<void> {
    for (const name of await this.disk.names(this.root)) {
      if (name.startsWith(making) || name.startsWith(leaving)) await this.disk.remove(path.join(this.root, name));
    }
  }

  private async names(): Promise<string[]> {
    return (await this.disk.names(this.root)).filter(isVersion).sort().reverse();
  }

  private async load(name: string): Promise<PublishedVersion> {
    const { disk } = this;
    const directory = path.join(this.root, name);
    const text = await disk.readText(path.join(directory, manifestName));
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.version !== name) throw new Error(`its manifest is that of ${manifest.version}`);
    for (const file of manifest.files) {
      const bytes = await disk.sizeOf(path.join(directory, file.name));
      if (bytes !== file.bytes) throw new Error(`${file.name} has ${bytes} bytes instead of ${file.bytes}`);
    }
    const { records, delta } = JSON.parse(await disk.readText(path.join(directory, ownersName))) as Owners;
    const owners = [...new Set([...records, ...delta])].sort();
    return { manifest, text, directory, owners, ownersOfRecords: records };
  }
}
