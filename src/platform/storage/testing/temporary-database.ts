import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A directory for one test's database file; `remove` it afterwards. */
export function temporaryDatabase(): { readonly file: string; readonly directory: string; remove(): void } {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'roamhub-storage-'));
  return {
    directory,
    file: path.join(directory, 'hub.sqlite'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
