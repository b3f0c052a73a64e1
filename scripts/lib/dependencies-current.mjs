/**
 * Exits 0 when node_modules holds what package-lock.json names and the native module loads into this Node.js, else 1
 * with the reason. Contents are compared, not times: a checkout or a copy changes times.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

const reason = () => {
  if (!existsSync('node_modules/.package-lock.json')) return 'node_modules is not there';
  const locked = read('package-lock.json');
  const installed = read('node_modules/.package-lock.json');
  for (const [name, { version, optional, devOptional }] of Object.entries(locked)) {
    if (name === '') continue;
    const found = installed[name]?.version;
    // Optional packages are those of other platforms, too.
    if (found === undefined && (optional || devOptional)) continue;
    if (found !== version) return `${name} is ${found ?? 'missing'}, locked is ${version}`;
  }
  for (const name of Object.keys(installed)) if (!(name in locked)) return `${name} is not in the lock file`;
  try {
    const Database = createRequire(import.meta.url)('better-sqlite3');
    new Database(':memory:').close();
  } catch (error) {
    return `better-sqlite3 does not load: ${error.message.split('\n')[0]}`;
  }
  return undefined;
};

const why = reason();
if (why !== undefined) {
  console.error(why);
  process.exitCode = 1;
}
