import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Where the compiled program lies; `scripts/test` builds it. */
const distribution = path.resolve(process.env.ROAMHUB_TEST_DIST ?? 'dist');

export interface ProgramExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** One of our programs as a process of its own, with everything it prints. Gone with this process at the latest. */
export class Program {
  stdout = '';
  stderr = '';
  /** Resolves when the process is gone and its output is read. */
  readonly exited: Promise<ProgramExit>;
  private readonly child: ChildProcess;
  private ended = false;

  /** @param script such as `main.js` or `cli/main.js` */
  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    const file = path.join(distribution, script);
    if (!existsSync(file)) throw new Error(`${file} is missing; run npm run build`);
    // Nothing of the surroundings but what a process needs: settings of a developer's own hub must not get in.
    const surroundings = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
    this.child = spawn(process.execPath, [file, ...args], {
      env: { ...surroundings, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.child);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exited = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        running.delete(this.child);
        this.ended = true;
        resolve({ code, signal });
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get isGone(): boolean {
    return this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Ends it at once, as a crash does. */
  async kill(): Promise<ProgramExit> {
    this.child.kill('SIGKILL');
    return this.exited;
  }
}

/** Runs one of our programs to its end. */
export async function runProgram(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ProgramExit & { readonly stdout: string; readonly stderr: string }> {
  const program = new Program(script, args, env);
  const exit = await program.exited;
  return { ...exit, stdout: program.stdout, stderr: program.stderr };
}
