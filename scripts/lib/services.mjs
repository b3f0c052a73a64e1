/**
 * Private Redis and PostgreSQL instances: free ports on loopback, data in a temporary folder, gone after `stop()`.
 *
 * The programs come from the machine; if they are missing, from Debian's packages when this process may install
 * packages; else the error says what to install.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { asUser, start, stop, which } from './child.mjs';

const READY_MS = 30_000;
const isRoot = process.getuid?.() === 0;

/** Starts a Redis that is set as in production: no eviction, append-only file. Resolves to its URL and a stop. */
export const startRedis = async ({ log = () => {} } = {}) => {
  const program = await find('Redis', redisProgram, ['redis-server'], log);
  const folder = temporaryFolder();
  return launch('Redis', folder, async (port) => {
    const settings = { port, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes', appendfsync: 'everysec' };
    const args = Object.entries({ ...settings, 'maxmemory-policy': 'noeviction', daemonize: 'no' });
    return {
      command: program,
      args: args.flatMap(([name, value]) => [`--${name}`, String(value)]),
      url: `redis://127.0.0.1:${port}`,
      isReady: () => redisAnswers(port),
      signal: 'SIGTERM',
    };
  });
};

/**
 * Starts a PostgreSQL with an empty database, UTF-8, C locale, trust on loopback. Resolves to its URL and a stop.
 * `durable`: it flushes to disk as in production, for measurements.
 */
export const startPostgres = async ({ log = () => {}, durable = false } = {}) => {
  const binaries = await find('PostgreSQL', postgresBinaries, ['postgresql'], log);
  const folder = temporaryFolder();
  const data = path.join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  // PostgreSQL refuses to run as root.
  const user = isRoot ? unprivilegedUser() : undefined;
  try {
    if (user !== undefined) for (const one of [folder, data]) chownSync(one, user.uid, user.gid);
    const program = path.join(binaries, 'initdb');
    const options = ['--username=roamhub', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    const args = [`--pgdata=${data}`, ...options];
    const [initdb, initdbArgs] = user === undefined ? [program, args] : asUser(user.name, program, args);
    execFileSync(initdb, initdbArgs, { stdio: ['ignore', 'pipe', 'pipe'], cwd: folder });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`initdb failed: ${error.stderr?.toString().trim() || error.message}`, { cause: error });
  }
  return launch('PostgreSQL', folder, async (port) => {
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      max_connections: 200,
      // The data die with the tests: a power cut need not be survived.
      ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
    };
    return {
      command: path.join(binaries, 'postgres'),
      args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      user: user?.name,
      url: `postgres://roamhub@127.0.0.1:${port}/postgres`,
      isReady: () => postgresAnswers(`postgres://roamhub@127.0.0.1:${port}/postgres`),
      signal: 'SIGINT',
    };
  });
};

/** Starts a server, waits until it answers, and tries another port when the chosen one was taken meanwhile. */
const launch = async (name, folder, describe) => {
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let output = '';
  try {
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const { command, args, user, url, isReady, signal } = await describe(await freePort());
      const child = start(command, args, { user, stdio: ['ignore', 'pipe', 'pipe'], cwd: folder });
      const remember = (chunk) => {
        output = (output + chunk).slice(-4_000);
      };
      child.stdout.on('data', remember);
      child.stderr.on('data', remember);
      let gone = false;
      child.once('error', (error) => {
        output += error.message;
        gone = true;
      });
      child.once('exit', () => {
        gone = true;
      });
      const deadline = performance.now() + READY_MS;
      while (!gone && performance.now() < deadline) {
        if (await isReady()) {
          return {
            url,
            stop: async () => {
              await stop(child, { signal });
              remove();
            },
          };
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await stop(child, { signal });
    }
  } catch (error) {
    remove();
    throw error;
  }
  remove();
  throw new Error(`${name} did not start:\n${output}`);
};

const find = async (name, look, packages, log) => {
  const found = look();
  if (found !== undefined) return found;
  if (isRoot && which('apt-get') !== undefined) {
    log(`${name} is not on this machine: installing Debian's ${packages.join(', ')}`);
    // RUNLEVEL=1 keeps the packages from starting servers of their own.
    const options = { stdio: ['ignore', 'ignore', 'inherit'] };
    options.env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    try {
      execFileSync('apt-get', ['update', '-q'], options);
      execFileSync(
        'apt-get',
        ['install', '-qy', '-o', 'DPkg::Lock::Timeout=120', '--no-install-recommends', ...packages],
        options,
      );
    } catch (error) {
      throw new Error(`${name}: apt-get failed (${error.message}). ${howToInstall(packages)}`, { cause: error });
    }
    const installed = look();
    if (installed !== undefined) return installed;
  }
  throw new Error(`${name} is not on this machine. ${howToInstall(packages)}`);
};

const howToInstall = (packages) =>
  `Install it (Debian: apt-get install ${packages.join(' ')}), or set ROAMHUB_TEST_REDIS_URL and ` +
  'ROAMHUB_TEST_POSTGRES_URL to instances that tests may write to.';

const redisProgram = () => which('redis-server');

/** The folder of the newest PostgreSQL that has the server and not only the client. */
const postgresBinaries = () => {
  const folders = [];
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) {
    const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
    folders.push(...versions.map((version) => path.join(debian, version, 'bin')));
  }
  if (which('pg_config') !== undefined) {
    folders.push(execFileSync('pg_config', ['--bindir'], { encoding: 'utf8' }).trim());
  }
  const onPath = which('initdb');
  if (onPath !== undefined) folders.push(path.dirname(onPath));
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(path.join(folder, name))));
};

const unprivilegedUser = () => {
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = users.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields !== undefined) return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody');
};

/** A new folder that other users may pass through: TMPDIR may lie below a closed home directory. */
const temporaryFolder = () => {
  const passable = (folder) =>
    (statSync(folder).mode & 0o001) !== 0 && (folder === '/' || passable(path.dirname(folder)));
  const parent = isRoot && !passable(os.tmpdir()) ? '/tmp' : os.tmpdir();
  const folder = mkdtempSync(path.join(parent, 'roamhub-service-'));
  chmodSync(folder, 0o755);
  return folder;
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const redisAnswers = (port) =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    const settle = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1_000, () => settle(false));
    socket.once('error', () => settle(false));
    socket.once('data', (data) => settle(data.toString().startsWith('+PONG')));
  });

const postgresAnswers = async (url) => {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
};
