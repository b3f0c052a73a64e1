import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { httpCall, jsonCall } from './http-call.js';
import { MeasuredProcess } from './measured-process.js';
import { until } from './until.js';

const adminToken = 'benchmark-admin-token-of-no-value';

export interface HubOptions {
  /** The built program, `dist/main.js`. */
  readonly program: string;
  readonly dataDir: string;
  readonly nodeOptions?: readonly string[];
  /** Settings beside those that every hub here has. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The hub as an operator runs it: its own process, its own data directory, embedded defaults, no rate limit. */
export class Hub {
  private constructor(
    readonly process: MeasuredProcess,
    readonly port: number,
    private readonly adminPort: number,
    /** From the start of the process to the first good answer of /ready, in ms. */
    readonly startedInMs: number,
  ) {}

  static async start({ program, dataDir, nodeOptions = [], settings = {} }: HubOptions): Promise<Hub> {
    const [port, adminPort] = [await freePort(), await freePort()];
    const logFile = path.join(dataDir, 'bench.log');
    const startedAt = performance.now();
    const measured = MeasuredProcess.start(program, {
      nodeOptions,
      logFile,
      env: {
        ROAMHUB_PORT: String(port),
        ROAMHUB_ADMIN_PORT: String(adminPort),
        ROAMHUB_ADMIN_TOKEN: adminToken,
        ROAMHUB_DATA_DIR: dataDir,
        ROAMHUB_DEVELOPMENT: 'true',
        ROAMHUB_RATE_LIMIT: 'off',
        ROAMHUB_STOP_GRACE_SECONDS: '0',
        ...settings,
      },
    });
    const isReady = async (): Promise<true | undefined> => {
      if (measured.ended !== undefined)
        throw new Error(`The hub ended at start (${measured.ended}):\n${readFileSync(logFile, 'utf8').slice(-2000)}`);
      const answer = await httpCall({ url: `http://127.0.0.1:${port}/ready` }).catch(() => undefined);
      return answer?.status === 200 ? true : undefined;
    };
    try {
      await until('the hub is ready', isReady, { everyMs: 5 });
    } catch (error) {
      await measured.stop();
      throw error;
    }
    return new Hub(measured, port, adminPort, performance.now() - startedAt);
  }

  get versionsUrl(): string {
    return `http://127.0.0.1:${this.port}/ocpi/versions`;
  }

  /** Calls the admin API. */
  admin<T>(method: string, apiPath: string, json?: unknown): Promise<T> {
    const headers = { Authorization: `Bearer ${adminToken}` };
    return jsonCall<T>({ method, url: `http://127.0.0.1:${this.adminPort}${apiPath}`, headers, json });
  }

  /** Lets it close its database in order. */
  async stop(): Promise<void> {
    await this.process.stop('SIGTERM');
    if (this.process.ended !== 'exit code 0') throw new Error(`The hub did not stop well: ${this.process.ended}`);
  }

  /** Ends it at once, where its data are not needed any more. */
  kill(): Promise<void> {
    return this.process.stop('SIGKILL');
  }
}

/** A port that nobody listens on, below those that the system gives to outgoing connections. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + randomInt(12_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.on('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
