import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const mebibyte = 1024 * 1024;
const run = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const newDirectory = (): string => mkdtempSync(path.join(os.tmpdir(), 'roamhub-disk-'));

/** Writes zeros until nothing more fits. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w');
  try {
    for (const step of [mebibyte, 4096]) {
      const zeros = Buffer.alloc(step);
      try {
        while (writeSync(descriptor, zeros) > 0);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Why file systems of our own cannot be had here; undefined if they can. */
export function noDisks(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'mounting needs root on Linux';
  const directory = newDirectory();
  try {
    const disk = FailingDisk.mount(directory);
    disk.remove();
    return undefined;
  } catch (error) {
    return `nothing can be mounted: ${String((error as { stderr?: string }).stderr ?? error).trim()}`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A file system in memory that is as large as it says, at a directory. */
export class SmallDisk {
  private constructor(private readonly directory: string) {}

  static mount(directory: string, mebibytes: number): SmallDisk {
    run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', directory);
    return new SmallDisk(directory);
  }

  /** From here on nothing can be added. */
  fill(): void {
    fill(this.filler);
  }

  relieve(): void {
    rmSync(this.filler);
  }

  remove(): void {
    run('umount', this.directory);
  }

  private get filler(): string {
    return path.join(this.directory, 'filler');
  }
}

/**
 * A file system on a disk that can be made to fail, at a directory: what is written then is lost when it is flushed, as with a
 * thin volume that is full. The disk is a sparse file in a file system of memory; with that full, no new block can be written.
 */
export class FailingDisk {
  private device = '';

  private constructor(
    private readonly directory: string,
    private readonly back: string,
  ) {}

  static mount(directory: string): FailingDisk {
    const back = newDirectory();
    run('mount', '-t', 'tmpfs', '-o', 'size=48m', 'tmpfs', back);
    const disk = new FailingDisk(directory, back);
    try {
      truncateSync(openedNew(disk.image), 128 * mebibyte);
      // Without a journal: its failure would make the whole file system read-only.
      run('mkfs.ext2', '-q', '-F', '-m', '0', disk.image);
      disk.device = run('losetup', '--find', '--show', disk.image).trim();
      // The loop driver calls a request done of which a part was written; one page is written or not.
      writeFileSync(`/sys/block/${path.basename(disk.device)}/queue/max_sectors_kb`, '4');
      run('mount', disk.device, directory);
      return disk;
    } catch (error) {
      disk.removeBack();
      throw error;
    }
  }

  /** From here on no block is written that was never written before. */
  fail(): void {
    fill(this.filler);
  }

  mend(): void {
    rmSync(this.filler);
  }

  /** What of a file has reached the disk by now, as after a loss of power; undefined if nothing of it has. */
  copyOfDurable(name: string, target: string): boolean {
    const directory = newDirectory();
    const image = path.join(directory, 'image');
    const mounted = path.join(directory, 'mounted');
    run('cp', '--sparse=always', this.image, image);
    run('mkdir', mounted);
    run('mount', '-o', 'loop,ro', image, mounted);
    try {
      const there = existsSync(path.join(mounted, name));
      if (there) copyFileSync(path.join(mounted, name), target);
      return there;
    } finally {
      run('umount', mounted);
      rmSync(directory, { recursive: true });
    }
  }

  remove(): void {
    run('umount', this.directory);
    this.removeBack();
  }

  private removeBack(): void {
    if (this.device !== '') run('losetup', '--detach', this.device);
    run('umount', this.back);
    rmSync(this.back, { recursive: true });
  }

  private get image(): string {
    return path.join(this.back, 'image');
  }

  private get filler(): string {
    return path.join(this.back, 'filler');
  }
}

function openedNew(file: string): string {
  closeSync(openSync(file, 'w'));
  return file;
}
