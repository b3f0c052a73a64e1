import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Answer, callHttp } from '../hub/http-call.js';
import { Admin } from './admin.js';
import { freePort } from './ports.js';
import { Program, type ProgramExit } from './program.js';
import { until } from './until.js';

export interface HubOptions {
  /** Settings beyond those that every test hub has; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const adminToken = 'e2e-admin-token-0123456789abcdef';

/**
 * A hub as its operator runs it: a process of its own with its own data directory. It can be killed, stopped and started again
 * at the same addresses with the same data.
 */
export class HubProcess {
  readonly dataDir = mkdtempSync(path.join(os.tmpdir(), 'roamhub-e2e-'));
  /** What every run of it has printed so far, that of the present run excepted. */
  private earlierOutput = '';
  private program: Program | undefined;
  private removed = false;

  private constructor(
    readonly publicUrl: string,
    readonly admin: Admin,
    readonly settings: Record<string, string>,
  ) {}

  /** Chooses addresses and a data directory; nothing runs yet. */
  static async prepare({ env = {} }: HubOptions = {}): Promise<HubProcess> {
    const [port, adminPort] = [await freePort(), await freePort()];
    const settings = {
      ROAMHUB_PORT: String(port),
      ROAMHUB_ADMIN_PORT: String(adminPort),
      ROAMHUB_ADMIN_TOKEN: adminToken,
      ROAMHUB_DEVELOPMENT: 'true',
      ROAMHUB_RATE_LIMIT: 'off',
      ROAMHUB_STOP_GRACE_SECONDS: '0',
      ...env,
    };
    // Without a token of ours the hub makes one, which is in its data directory once it runs.
    const token = (): string =>
      hub.settings.ROAMHUB_ADMIN_TOKEN ?? readFileSync(path.join(hub.dataDir, 'admin-token'), 'utf8').trim();
    const admin = new Admin(`http://127.0.0.1:${adminPort}`, token);
    const hub = new HubProcess(`http://127.0.0.1:${port}`, admin, {});
    const given = Object.entries({ ...settings, ROAMHUB_DATA_DIR: hub.dataDir });
    Object.assign(hub.settings, Object.fromEntries(given.filter(([, value]) => value !== undefined)));
    return hub;
  }

  /** A hub that is ready. */
  static async start(options: HubOptions = {}): Promise<HubProcess> {
    const hub = await HubProcess.prepare(options);
    try {
      await hub.start();
      return hub;
    } catch (error) {
      await hub.remove();
      throw error;
    }
  }

  get pid(): number {
    return this.program?.pid ?? -1;
  }

  get isRunning(): boolean {
    return this.program !== undefined && !this.program.isGone;
  }

  get versionsUrl(): string {
    return `${this.publicUrl}/ocpi/versions`;
  }

  /** Everything that all its runs have printed. */
  get output(): string {
    return this.earlierOutput + (this.program ? this.program.stdout + this.program.stderr : '');
  }

  /** Begins a run without waiting for it. */
  launch(): Program {
    if (this.removed) throw new Error('the hub is removed');
    if (this.program && !this.program.isGone) throw new Error('the hub is running');
    this.earlierOutput = this.output;
    this.program = new Program('main.js', [], this.settings);
    return this.program;
  }

  /** Begins a run and waits until it is ready; returns how long that took, ms. */
  async start(): Promise<number> {
    const startedAt = performance.now();
    const program = this.launch();
    await until(
      'the hub is ready',
      async () => {
        if (program.isGone) return true;
        return (await this.ready()).status === 200;
      },
      { everyMs: 10, deadlineMs: 20_000 },
    );
    if (program.isGone) throw new Error(`the hub did not start:\n${program.stdout}${program.stderr}`);
    return performance.now() - startedAt;
  }

  /** What `/ready` of the admin listener says. */
  ready(): Promise<Answer> {
    return callHttp('GET', `${this.admin.url}/ready`, { headers: { Connection: 'close' } });
  }

  /** Resolves when the present run has ended, however. */
  get exit(): Promise<ProgramExit> {
    if (!this.program) throw new Error('the hub does not run');
    return this.program.exited;
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.program?.kill();
  }

  signal(signal: NodeJS.Signals): void {
    this.program?.signal(signal);
  }

  /** Stops it as a supervisor does; returns exit code and time, ms. */
  async terminate(): Promise<ProgramExit & { readonly ms: number }> {
    const { program } = this;
    if (!program) throw new Error('the hub does not run');
    const startedAt = performance.now();
    program.signal('SIGTERM');
    const exit = await program.exited;
    return { ...exit, ms: performance.now() - startedAt };
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    this.removed = true;
    if (this.program && !this.program.isGone) await this.program.kill();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
