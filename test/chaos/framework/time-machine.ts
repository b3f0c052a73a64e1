import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HubProcess } from '../../support/e2e/hub-process.js';

/** Lets a hub's clock jump ahead, so that days need not be waited for. The hub itself knows nothing of it. */
export class TimeMachine {
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), 'roamhub-chaos-time-'));
  private aheadMs = 0;

  constructor() {
    writeFileSync(this.offsetFile, '0');
    writeFileSync(
      this.preload,
      `import { readFileSync } from 'node:fs';
const real = Date.now;
let ahead = 0;
Date.now = () => real() + ahead;
process.on('SIGUSR2', () => { ahead = Number(readFileSync(${JSON.stringify(this.offsetFile)}, 'utf8')); });
`,
    );
  }

  /** Settings that a hub needs for it. */
  get env(): Record<string, string> {
    return { NODE_OPTIONS: `--import=${pathToFileURL(this.preload).href}` };
  }

  /** Puts a hub's clock ahead by so much more. */
  advance(hub: HubProcess, ms: number): void {
    this.aheadMs += ms;
    writeFileSync(this.offsetFile, String(this.aheadMs));
    hub.signal('SIGUSR2');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get offsetFile(): string {
    return path.join(this.folder, 'ahead');
  }

  private get preload(): string {
    return path.join(this.folder, 'clock.mjs');
  }
}
