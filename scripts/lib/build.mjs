/**
 * `npm run build`: compiles src to dist and copies what else the program reads there (pages, styles). The new tree is put together beside the old one and then takes its place, so
 * that a failed build leaves the old one whole.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, renameSync, rmSync, statSync } from 'node:fs';

const temporary = '.build';
const remove = (folder) => rmSync(folder, { recursive: true, force: true });

remove(temporary);
try {
  const compiler = 'node_modules/typescript/bin/tsc';
  const args = ['-p', 'tsconfig.build.json', '--outDir', temporary, '--pretty', 'false'];
  execFileSync(process.execPath, [compiler, ...args], { stdio: 'inherit' });
} catch {
  remove(temporary);
  process.exit(1);
}
// Pages and the like; test data and sources stay behind.
const isAsset = (file) => (statSync(file).isDirectory() ? !/(^|\/)testing$/.test(file) : !/\.(ts|md|snap)$/.test(file));
cpSync('src', temporary, { recursive: true, filter: isAsset });

const commandLine = `${temporary}/cli/main.js`;
if (existsSync(commandLine)) chmodSync(commandLine, 0o755);
remove('dist');
renameSync(temporary, 'dist');
