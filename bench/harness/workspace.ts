import {
  closeSync,
  constants,
  cpSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Prepared data sets, kept between runs. */
const cacheDir = path.join(tmpdir(), 'roamhub-bench');

/** Files of the benchmarks, all below one folder of the system's temporary directory. */
export class Workspace {
  private readonly runDir: string;

  constructor() {
    mkdirSync(cacheDir, { recursive: true });
    this.runDir = mkdtempSync(path.join(cacheDir, 'run-'));
  }

  /** Takes away everything that any run has left. */
  static clean(): void {
    rmSync(cacheDir, { recursive: true, force: true });
  }

  /** Where a prepared thing of this name is kept, or is to be kept. */
  cached(name: string): string {
    return path.join(cacheDir, name);
  }

  /** A fresh folder that is gone after the run. */
  folder(): string {
    return mkdtempSync(path.join(this.runDir, 'd-'));
  }

  /** A copy of a folder to work on, written out to disk, so that the system does not do that while something is measured. */
  copyOf(folder: string): string {
    const copy = this.folder();
    cpSync(folder, copy, { recursive: true, mode: constants.COPYFILE_FICLONE });
    for (const file of readdirSync(copy)) {
      const handle = openSync(path.join(copy, file), 'r');
      fsyncSync(handle);
      closeSync(handle);
    }
    return copy;
  }

  close(): void {
    rmSync(this.runDir, { recursive: true, force: true });
  }
}
