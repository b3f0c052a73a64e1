/** The stages of `scripts/test`, which explains the arguments. Dependencies are installed when this runs. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ended, groupGone, start, stop } from './child.mjs';
import { startPostgres, startRedis } from './services.mjs';

const LIMIT_MINUTES = Number(process.env.ROAMHUB_TEST_MINUTES ?? 18);
/** How long jest may take to end after its last test before it counts as hanging. */
const HANG_MS = 30_000;

const bin = (name) => path.join('node_modules', '.bin', name);
const folders = ['src', 'test', 'bench'].filter((folder) => existsSync(folder));
const stages = {
  lint: ['format and lint', bin('biome'), ['ci', '--colors=off', '--max-diagnostics=20', '.']],
  imports: ['import rules', bin('depcruise'), ['--config', '.dependency-cruiser.cjs', '-T', 'err-long', ...folders]],
  types: ['types', bin('tsc'), ['-p', 'tsconfig.json', '--pretty', 'false']],
  schemas: ['schema drift', 'npm', ['run', '--silent', 'schemas:check']],
  build: ['build', 'npm', ['run', '--silent', 'build']],
};
/** Kinds of tests that run beside one another, and those that have the machine to themselves. */
const parallelKinds = ['unit', 'contract', 'integration', 'conformance'];
const serialKinds = ['e2e'];
const allKinds = [...parallelKinds, ...serialKinds];

const plan = (args) => {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const names = firstOption === -1 ? args : args.slice(0, firstOption);
  const options = firstOption === -1 ? [] : args.slice(firstOption);
  const chosen = names.flatMap((name) => (name === 'static' ? Object.keys(stages) : [name]));
  const kinds = chosen.filter((name) => allKinds.includes(name));
  const paths = chosen.filter((name) => !allKinds.includes(name) && !(name in stages));
  if (names.length === 0) return { stageNames: Object.keys(stages), kinds: allKinds, paths: [], options };
  const wantsSerial = kinds.includes('e2e') || paths.some((one) => one.includes('e2e'));
  const stageNames = Object.keys(stages).filter((name) => chosen.includes(name) || (name === 'build' && wantsSerial));
  const pathKinds = allKinds.filter((kind) =>
    paths.some((one) => (serialKinds.includes(kind) ? one.includes(kind) : !/(^|\/)e2e\b/.test(one))),
  );
  return { stageNames, kinds: kinds.length > 0 ? kinds : pathKinds, paths, options };
};

const totals = { passed: 0, failed: 0, skipped: 0 };
const fail = (text) => {
  totals.failed += 1;
  print(`FAILED ${text}`);
};
const print = (text) => process.stdout.write(`${text}\n`);
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

const running = new Set();
const services = [];
let stopping;

/** Settings of a hub that the developer runs must not leak into the tests' hubs. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('ROAMHUB_') || name.startsWith('ROAMHUB_TEST_')),
);

const run = async (command, args, { onOutput, ...options } = {}) => {
  if (stopping !== undefined) return { code: 130, child: undefined };
  const child = start(command, args, { env: environment, ...options });
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', onOutput);
  const code = await ended(child);
  running.delete(child);
  return { code, child };
};

const runStage = async (name) => {
  const [title, command, args] = stages[name];
  const startedAt = performance.now();
  let output = '';
  const onOutput = (chunk) => {
    output += chunk;
  };
  const { code, child } = await run(command, args, { stdio: ['ignore', 'pipe', 'pipe'], onOutput });
  if (child !== undefined) await stop(child);
  if (stopping !== undefined) return;
  if (code === 0) print(`ok ${title} (${seconds(startedAt)})`);
  else fail(`${title} (exit code ${code})\n${output.trimEnd()}\n`);
};

const runJest = async (kinds, { paths, options }, extra) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'roamhub-test-'));
  const summaryFile = path.join(folder, 'summary.json');
  const args = ['node_modules/jest/bin/jest.js', '--ci', '--passWithNoTests', '--colors=false', ...extra];
  args.push('--selectProjects', ...kinds, ...(paths.length > 0 ? ['--testPathPatterns', ...paths] : []), ...options);
  const env = {
    ...environment,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`,
    // Tools differ in what they take for a terminal; the output of tests is plain.
    NO_COLOR: '1',
    ROAMHUB_TEST_RUN: '1',
    ROAMHUB_TEST_SUMMARY: summaryFile,
  };
  let hanging = false;
  let reportedAt;
  const watch = setInterval(() => {
    if (!existsSync(summaryFile)) return;
    reportedAt ??= performance.now();
    if (performance.now() - reportedAt < HANG_MS || hanging) return;
    hanging = true;
    for (const child of running) void stop(child);
  }, 500);
  const { code, child } = await run(process.execPath, args, { env });
  clearInterval(watch);
  const summary = existsSync(summaryFile) ? JSON.parse(readFileSync(summaryFile, 'utf8')) : undefined;
  rmSync(folder, { recursive: true, force: true });
  for (const name of Object.keys(totals)) totals[name] += summary?.[name] ?? 0;
  if (child !== undefined && stopping === undefined) {
    if (hanging) fail(`jest (${kinds.join(', ')}) did not end within ${HANG_MS / 1000} s of its last test`);
    else if (!(await groupGone(child, 3_000))) fail(`tests (${kinds.join(', ')}) left processes running`);
    else if (summary === undefined || (code !== 0 && summary.failed === 0)) {
      fail(`jest (${kinds.join(', ')}) ended with exit code ${code}`);
    }
  }
  if (child !== undefined) await stop(child);
  return summary?.kinds ?? [];
};

const startServices = async () => {
  const log = (text) => print(text);
  const wanted = [
    ['ROAMHUB_TEST_REDIS_URL', startRedis],
    ['ROAMHUB_TEST_POSTGRES_URL', startPostgres],
  ];
  for (const [name, startOne] of wanted) {
    if ((environment[name] ?? '') !== '' || stopping !== undefined) continue;
    const service = await startOne({ log });
    services.push(service);
    environment[name] = service.url;
  }
};

/** Ends what runs and says why the run cannot be a success. The first reason stays. */
const abort = (reason, exitCode) => {
  if (stopping !== undefined) return;
  stopping = exitCode;
  fail(reason);
  for (const child of running) void stop(child);
};
process.on('SIGINT', () => abort('interrupted', 130));
process.on('SIGTERM', () => abort('terminated', 143));
process.on('SIGHUP', () => abort('hung up', 129));
const limit = setTimeout(() => abort(`not done within ${LIMIT_MINUTES} minutes`, 1), LIMIT_MINUTES * 60_000);

const chosen = plan(process.argv.slice(2));
try {
  for (const name of chosen.stageNames) await runStage(name);
  const needsServices =
    chosen.paths.length > 0
      ? !chosen.paths.every((one) => one.replace(/^\.\//, '').startsWith('src/'))
      : chosen.kinds.some((kind) => kind !== 'unit');
  if (needsServices) await startServices();
  const parallel = chosen.kinds.filter((kind) => parallelKinds.includes(kind));
  const serial = chosen.kinds.filter((kind) => serialKinds.includes(kind));
  const found = [];
  if (parallel.length > 0) found.push(...(await runJest(parallel, chosen, [])));
  if (serial.length > 0) found.push(...(await runJest(serial, chosen, ['--runInBand'])));
  if (stopping === undefined) {
    // A kind without a file is a mistake in a path or a pattern, not a success.
    const missing = chosen.paths.length > 0 ? [] : chosen.kinds.filter((kind) => !found.includes(kind));
    for (const kind of missing) fail(`no ${kind} test was found`);
    if (chosen.paths.length > 0 && found.length === 0) fail(`no test was found for ${chosen.paths.join(' ')}`);
  }
} catch (error) {
  fail(error.message);
} finally {
  clearTimeout(limit);
  await Promise.all(services.map((service) => service.stop()));
}
process.exitCode = stopping ?? (totals.failed > 0 ? 1 : 0);
print(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
