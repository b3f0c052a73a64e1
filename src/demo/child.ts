import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A process of the demo ended although nobody had asked it to. */
export class ChildDied extends Error {
  override readonly name = 'ChildDied';
}

const setpriv = '/usr/bin/setpriv';
const graceMs = 15_000;

/**
 * A Node.js process of the demo. It leads a process group of its own, so that Ctrl-C reaches only the demo, which then ends it
 * in order; on Linux the kernel ends it when the demo is killed outright.
 */
export class Child {
  /** Rejects with {@link ChildDied} if the process ends before {@link stop}. */
  readonly died: Promise<never>;
  private readonly process: ChildProcess;
  private readonly ended: Promise<void>;
  private stopping = false;

  /** @param logFile receives both outputs; with `onLine`, standard output goes there line by line instead. */
  constructor(
    readonly name: string,
    readonly logFile: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    onLine?: (line: string) => void,
  ) {
    const log = openSync(logFile, 'a', 0o600);
    const [command, ...rest] = existsSync(setpriv)
      ? [setpriv, '--pdeathsig', 'TERM', '--', process.execPath, ...args]
      : [process.execPath, ...args];
    const stdio = ['ignore', onLine === undefined ? log : 'pipe', log] as const;
    this.process = spawn(command ?? process.execPath, rest, { stdio: [...stdio], env, detached: true });
    closeSync(log);
    if (onLine !== undefined) linesOf(this.process, onLine);
    this.ended = new Promise((resolve) => {
      this.process.once('exit', () => resolve());
      this.process.once('error', () => resolve());
    });
    this.died = this.ended.then(() => {
      if (this.stopping) return new Promise<never>(() => undefined);
      throw new ChildDied(`${name} ended by itself.${lastWords(logFile)} Its log: ${logFile}`);
    });
    this.died.catch(() => undefined);
  }

  /** Asks it to end, and makes it end if it does not within 15 seconds. */
  async stop(): Promise<void> {
    this.stopping = true;
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs);
    this.signal('SIGTERM');
    await this.ended;
    clearTimeout(timer);
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.process.pid === undefined || this.process.exitCode !== null) return;
    try {
      process.kill(-this.process.pid, signal);
    } catch {
      // It is gone already.
    }
  }
}

function linesOf(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}

/** The end of a log, if it says something short: why the program did not start. */
function lastWords(file: string): string {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const last = lines.at(-1) ?? '';
  return last === '' || last.startsWith('{') ? '' : ` It said: ${last.slice(0, 300)}`;
}

/** A program of this build, such as `main.js`. */
export const programPath = (name: string): string => path.join(import.meta.dirname, '..', name);
