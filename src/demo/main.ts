import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '../kernel/clock.js';
import { type Cast, chooseCast } from './cast.js';
import { type DemoOptions, parseOptions, UsageError, usage } from './options.js';
import { Screen } from './screen.js';
import { Interrupted, runShow } from './show.js';
import { Stage } from './stage.js';

/** Settings of another hub must not reach this one: it runs on its defaults. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ROAMHUB_')));
}

async function main(): Promise<number> {
  const screen = new Screen(process.stdout, systemClock);
  let options: DemoOptions | undefined;
  let cast: Cast;
  const redisUrl = process.env.ROAMHUB_REDIS_URL;
  try {
    options = parseOptions(process.argv.slice(2));
    if (options === undefined) {
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    if (options.redis && !redisUrl)
      throw new UsageError('--redis: ROAMHUB_REDIS_URL is not set (scripts/demo starts a Redis)');
    if (options.data !== undefined) screen.say('Reading the data files to see who owns what …');
    cast = await chooseCast(options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`scripts/demo: ${error.message}\n`);
    return 2;
  }
  const interrupted = interruption();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'roamhub-demo-'));
  const hubRedis = options.redis ? redisUrl : undefined;
  const stage = new Stage({ folder, redisUrl: hubRedis, env: cleanEnvironment(), cast, demo: options });
  const code = await runShow(stage, screen, { folder, redisUrl: hubRedis, interrupted }).catch((error: unknown) => {
    const code = error instanceof Interrupted ? error.exitCode : 1;
    screen.clear();
    screen.say();
    if (error instanceof Interrupted) screen.say('Interrupted: ending all processes …');
    else {
      screen.say(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
      screen.say(`The logs of all processes are in ${folder}`);
    }
    return code;
  });
  screen.end();
  await stage.stop();
  // After a failure the data are evidence.
  if (code !== 1) rmSync(stage.hub.dataDir, { recursive: true, force: true });
  return code;
}

/** Resolves to the exit code that a signal asks for. */
function interruption(): Promise<number> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve(130));
    process.once('SIGTERM', () => resolve(143));
    process.once('SIGHUP', () => resolve(129));
  });
}

// What still waits for a process that is gone must not delay the end.
process.exit(await main());
