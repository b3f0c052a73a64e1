#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { readTextFile } from '../platform/config/index.js';
import { addSimulateCommand } from '../simulator/index.js';
import { runCli } from './run-cli.js';

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  readFile: readTextFile,
  cwd: process.cwd(),
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  extend: addSimulateCommand,
  version,
});
