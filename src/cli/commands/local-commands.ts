import { spawn } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { newKeyFile } from '../../platform/partners/secret-keys.js';
import type { CliContext } from '../cli-context.js';
import { CliError, ExitCode } from '../cli-error.js';

/** What needs no running hub: `roamhub start` and `roamhub secret-key`. */
export function localCommands(context: CliContext): Command[] {
  const start = new Command('start')
    .description('run the hub in the foreground, as the environment and config/roamhub.json say')
    .action(async () => {
      const code = await runHub(fileURLToPath(new URL('../../main.js', import.meta.url)));
      if (code !== 0) throw new CliError(code, `The hub ended with exit code ${code}.`);
    });

  const secretKey = new Command('secret-key')
    .description("make the file with the keys that seal partners' tokens (ROAMHUB_SECRET_KEY_FILE)")
    .argument('<file>', 'a file that does not exist yet; keep a copy of it in a safe place')
    .action((file: string) => {
      writeNew(file, newKeyFile());
      context.print(
        `${file} is made. Set ROAMHUB_SECRET_KEY_FILE to it, and keep a copy: without it partners must register anew.`,
      );
    });
  return [start, secretKey];
}

/** A process of its own, so that the hub's signals, exit codes and memory are the same however it is started. */
function runHub(entry: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const hub = spawn(process.execPath, ['--enable-source-maps', entry], { stdio: 'inherit' });
    // A terminal sends SIGINT to both; a supervisor sends SIGTERM to this process only.
    const pass = (signal: NodeJS.Signals): void => void hub.kill(signal);
    const wait = (): void => {};
    process.on('SIGTERM', pass).on('SIGINT', wait);
    hub.on('error', reject);
    hub.on('exit', (code) => {
      process.off('SIGTERM', pass).off('SIGINT', wait);
      resolve(code ?? 1);
    });
  });
}

function writeNew(file: string, text: string): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const handle = openSync(file, 'wx', 0o600);
    writeSync(handle, text);
    fsyncSync(handle);
    closeSync(handle);
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new CliError(
      ExitCode.usage,
      exists
        ? `${file} exists already; it is not overwritten.`
        : `${file} cannot be made: ${(error as Error).message}.`,
    );
  }
}
