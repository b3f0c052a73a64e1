import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second for everybody to read, whatever the kernel's own tick is. */
const ticksPerSecond = 100;

const running = new Set<ChildProcess>();
// Whatever ends us, nothing that we started is left behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface MeasuredProcessOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where its output goes; without it, where ours does. */
  readonly logFile?: string;
  readonly nodeOptions?: readonly string[];
}

/** A Node.js program in a process of its own, with the operating system's account of it. */
export class MeasuredProcess {
  private constructor(private readonly child: ChildProcess) {
    running.add(child);
    child.once('exit', () => running.delete(child));
  }

  static start(program: string, options: MeasuredProcessOptions = {}): MeasuredProcess {
    const output = options.logFile === undefined ? 'inherit' : openSync(options.logFile, 'a');
    const settings: ForkOptions = {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', output, output, 'ipc'],
      serialization: 'advanced',
      execArgv: [...(options.nodeOptions ?? [])],
    };
    return new MeasuredProcess(fork(program, [...(options.args ?? [])], settings));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The process did not start.');
    return this.child.pid;
  }

  /** Whether it has ended, and how. */
  get ended(): string | undefined {
    const { exitCode, signalCode } = this.child;
    if (exitCode === null && signalCode === null) return undefined;
    return signalCode ?? `exit code ${exitCode}`;
  }

  /** User and system time of all its threads so far, in seconds. */
  cpuSeconds(): number {
    // The name, in brackets, may hold anything; the fields behind it are plain. 14 and 15 of all are utime and stime.
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }

  /** Memory in MiB: resident now, and at most so far. */
  memory(): { readonly now: number; readonly peak: number } {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1]);
    return { now: kibibytes('VmRSS') / 1024, peak: kibibytes('VmHWM') / 1024 };
  }

  /** Sends it a message and waits for the next one from it. */
  ask<Answer>(question: unknown): Promise<Answer> {
    const { child } = this;
    return new Promise((resolve, reject) => {
      const ended = (): void => {
        child.off('message', answered);
        reject(new Error(`The process ended before it answered: ${this.ended}`));
      };
      const answered = (answer: unknown): void => {
        child.off('exit', ended);
        resolve(answer as Answer);
      };
      child.once('exit', ended);
      child.once('message', answered);
      child.send(question as object, (error) => error && reject(error));
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.ended !== undefined) return;
    const end = once(this.child, 'exit');
    this.child.kill(signal);
    await end;
  }
}
