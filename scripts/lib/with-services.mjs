/**
 * Runs a command with private services beside it: `node scripts/lib/with-services.mjs redis,postgres -- COMMAND ARGS…`.
 * The command finds them in ROAMHUB_REDIS_URL and ROAMHUB_DATABASE_URL. They end with it; its exit code is ours.
 */
import { ended, start, stop } from './child.mjs';
import { startPostgres, startRedis } from './services.mjs';

const [wanted = '', separator, command, ...args] = process.argv.slice(2);
const kinds = wanted.split(',');
if (separator !== '--' || command === undefined || !kinds.every((kind) => ['redis', 'postgres'].includes(kind))) {
  console.error('usage: with-services.mjs redis|postgres|redis,postgres -- COMMAND ARGS…');
  process.exit(2);
}

const log = (text) => console.error(text);
const running = [];
let child;
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interrupted = true;
    if (child !== undefined) void stop(child, { graceMs: 10_000 });
  });
}

let code = 1;
try {
  const env = { ...process.env };
  if (kinds.includes('redis')) {
    const redis = await startRedis({ log });
    running.push(redis);
    env.ROAMHUB_REDIS_URL = redis.url;
  }
  if (kinds.includes('postgres')) {
    const postgres = await startPostgres({ log });
    running.push(postgres);
    env.ROAMHUB_DATABASE_URL = postgres.url;
  }
  if (!interrupted) {
    child = start(command, args, { env });
    code = await ended(child);
    await stop(child);
  }
} catch (error) {
  console.error(error.message);
} finally {
  await Promise.all(running.map((service) => service.stop()));
}
process.exitCode = interrupted ? 130 : code;
