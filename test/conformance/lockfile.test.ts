import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

describe('package-lock.json', () => {
  it('names every platform variant, so that npm ci takes it everywhere (npm run lock:complete)', () => {
    const check = spawnSync(process.execPath, ['scripts/lib/complete-lockfile.mjs', '--check'], { encoding: 'utf8' });
    expect(check.stdout).toBe('package-lock.json is complete\n');
    expect(check.status).toBe(0);
  });

  it('allows install scripts by name, the needed one only', () => {
    const { allowScripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      allowScripts: Record<string, boolean>;
    };
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { hasInstallScript?: boolean }>;
    };
    const withScripts = Object.entries(lock.packages)
      .filter(([, entry]) => entry.hasInstallScript)
      .map(([place]) => place.replace(/^.*node_modules\//, ''));
    expect(withScripts.filter((name) => !(name in allowScripts))).toEqual([]);
    expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(['better-sqlite3']);
  });
});
