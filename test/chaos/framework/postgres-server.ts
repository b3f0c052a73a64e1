import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { freePort } from '../../support/e2e/ports.js';
import { ServerProcess } from './server-process.js';

/** A PostgreSQL of this run with an empty database, that can be harmed. It survives the kill of its processes; flushing is off. */
export class PostgresServer {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly process: ServerProcess,
  ) {}

  /** Makes the database; nothing runs yet. */
  static async create(): Promise<PostgresServer> {
    const port = await freePort();
    const binaries = binariesFolder();
    const folder = mkdtempSync(path.join(passableFolder(), 'roamhub-chaos-postgres-'));
    chmodSync(folder, 0o755);
    const data = path.join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    const user = ordinaryUser();
    if (user) for (const one of [folder, data]) chownSync(one, user.uid, user.gid);
    const options = ['--username=roamhub', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
    const as = { ...user, cwd: folder };
    execFileSync(path.join(binaries, 'initdb'), [`--pgdata=${data}`, ...options], { ...as, stdio: 'pipe' });
    const settings = {
      port,
      listen_addresses: '127.0.0.1',
      unix_socket_directories: folder,
      max_connections: 200,
      fsync: 'off',
      full_page_writes: 'off',
    };
    const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    return new PostgresServer(port, folder, new ServerProcess(path.join(binaries, 'postgres'), args, as));
  }

  get url(): string {
    return `postgres://roamhub@127.0.0.1:${this.port}/postgres`;
  }

  start(): Promise<void> {
    return this.process.start(() =>
      this.query('SELECT 1').then(
        () => true,
        () => false,
      ),
    );
  }

  /** As `pg_ctl stop -m immediate`: no farewell, recovery at the next start. */
  stopAtOnce(): Promise<void> {
    return this.process.end('SIGQUIT');
  }

  /** Runs one statement on a connection of its own. */
  async query<T extends object>(text: string): Promise<T[]> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<T & Record<string, unknown>>(text)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async remove(): Promise<void> {
    await this.process.end('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The folder of the newest PostgreSQL that has the server and not only the client. */
function binariesFolder(): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = versions.map((version) => path.join(debian, version, 'bin'));
  const found = [...folders, ...(process.env.PATH ?? '').split(path.delimiter)].find((folder) =>
    ['initdb', 'postgres'].every((name) => existsSync(path.join(folder, name))),
  );
  if (found === undefined) throw new Error('PostgreSQL is not here; install it (Debian: apt-get install postgresql)');
  return found;
}

/** PostgreSQL refuses to run as root. */
function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const fields = users.find((user) => user.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody');
}

/** A folder for temporary files that other users may pass through too. */
const passableFolder = (): string => (process.getuid?.() === 0 ? '/tmp' : os.tmpdir());
