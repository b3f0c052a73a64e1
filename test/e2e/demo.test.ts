import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';

jest.setTimeout(120_000);

/** The demo as a user starts it: `scripts/demo` with all its processes. */
class Demo {
  output = '';
  readonly code: Promise<number | null>;
  private readonly child: ChildProcess;
  private readonly waiting: { text: string; found: () => void }[] = [];

  constructor(...args: string[]) {
    this.child = spawn('scripts/demo', args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk;
        for (const { text, found } of this.waiting) if (this.output.includes(text)) found();
      });
    }
    this.code = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
  }

  /** Resolves when the output contains a text; rejects if the demo ends without. */
  said(text: string): Promise<void> {
    if (this.output.includes(text)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.waiting.push({ text, found: resolve });
      void this.code.then(() => reject(new Error(`"${text}" was never said:\n${this.output}`)));
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Where logs and data are. */
  get folder(): string {
    return path.dirname(/Log +(\S+hub\.log)/.exec(this.output)?.[1] ?? '');
  }

  get hubPid(): number {
    const [first = ''] = readFileSync(path.join(this.folder, 'hub.log'), 'utf8').split('\n');
    return (JSON.parse(first) as { pid: number }).pid;
  }

  /** Ports of hub and partners that the output and the logs name. */
  get ports(): number[] {
    return [...this.output.matchAll(/http:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
  }
}

const demos: Demo[] = [];

function demo(...args: string[]): Demo {
  const started = new Demo(...args);
  demos.push(started);
  return started;
}

afterEach(async () => {
  for (const started of demos.splice(0)) {
    started.kill('SIGTERM');
    await started.code;
    if (started.folder.includes('roamhub-demo-')) rmSync(started.folder, { recursive: true, force: true });
  }
});

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('scripts/demo', () => {
  it('does the main job, checks it and ends with 0', async () => {
    const it = demo('--duration', '6', '--seed', '3');
    expect([await it.code, it.output]).toEqual([0, expect.stringContaining('Everything holds.')]);
    for (const sentence of [
      '✓ Every eMSP party holds exactly what the hub holds.',
      '5 copies, 1,150 objects compared equal',
      '✓ The hub holds exactly what the CPOs own.',
      '230 objects equal, none refused',
      '✓ Nothing that the hub acknowledged is missing.',
      '✓ What a driver sees follows what CPOs push.',
      '✓ The hub kept to the protocol.',
      'may a token that the hub has never seen charge? ALLOWED',
      'START_SESSION: ACCEPTED',
      'result of START_SESSION: ACCEPTED',
      'GET cdr: 200/1000',
      '✓ Everybody knows who is connected (HubClientInfo).',
      '✓ An eMSP’s token is at every CPO as it was sent.',
      '✓ A token is authorized in real time, by the eMSP itself.',
      '✓ A command’s result finds its way back to who sent it.',
      '✓ The eMSP has session and CDR as the CPO has them.',
      '✓ Tokens, TO, FROM and message ids are right on both legs of every message.',
      '11 messages, each looked at where it was sent and where it arrived',
      'Roule is gone',
      'Roule has caught up',
    ]) {
      expect(it.output).toContain(sentence);
    }
    expect(it.output).not.toContain('✗');
    expect(runs(it.hubPid)).toBe(false);
    expect(existsSync(path.join(it.folder, 'hub-data'))).toBe(false);
  });

  it('ends all its processes when it is interrupted', async () => {
    const it = demo();
    await it.said('4. Cars come and go');
    expect(it.ports.length).toBeGreaterThan(0);
    expect(await Promise.all(it.ports.map(listens))).not.toContain(false);
    it.kill('SIGINT');
    expect([await it.code, it.output]).toEqual([130, expect.stringContaining('Interrupted')]);
    expect(await Promise.all(it.ports.map(listens))).not.toContain(true);
    expect(runs(it.hubPid)).toBe(false);
    expect(existsSync(path.join(it.folder, 'hub-data'))).toBe(false);
  });

  it('fails, and says why, when the hub dies', async () => {
    const it = demo();
    await it.said('3. eMSP platforms register');
    process.kill(it.hubPid, 'SIGKILL');
    expect([await it.code, it.output]).toEqual([1, expect.stringContaining('The hub ended by itself.')]);
  });

  it('refuses a mistake on the command line with one line and 2', async () => {
    const it = demo('--fast');
    expect(await it.code).toBe(2);
    expect(it.output).toMatch(/^(Building …\n)?scripts\/demo: Unknown option '--fast'[^\n]*\n$/);
  });
});
