import { type ChildProcess, spawn } from 'node:child_process';

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A server of somebody else's as a child process: it can be killed, frozen and started again. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private output = '';
  private gone: Promise<void> = Promise.resolve();

  constructor(
    private readonly command: string,
    private readonly args: readonly string[],
    private readonly options: { readonly uid?: number; readonly gid?: number; readonly cwd?: string } = {},
  ) {}

  get isRunning(): boolean {
    return this.child !== undefined;
  }

  get pid(): number {
    return this.child?.pid ?? -1;
  }

  /** Starts it and waits until it answers. @throws Error with its output if it ends instead */
  async start(answers: () => Promise<boolean>): Promise<void> {
    if (this.child) throw new Error(`${this.command} is running`);
    const child = spawn(this.command, this.args, { ...this.options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    running.add(child);
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-4_000);
      });
    this.gone = new Promise((resolve) => {
      const end = (): void => {
        running.delete(child);
        if (this.child === child) this.child = undefined;
        resolve();
      };
      child.once('close', end);
      child.once('error', end);
    });
    const deadline = performance.now() + 30_000;
    while (!(await answers())) {
      if (!this.isRunning || performance.now() > deadline) throw new Error(`${this.command}: ${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Sends a signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.child?.kill(signal);
    await this.gone;
  }
}
