import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** Shows that the checks which scripts/lib adds to jest can fail: each fixture below is a test file with one fault. */
const fixtures = {
  'good.test.js': `test('opens and closes', async () => {
    const server = require('node:http').createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    await new Promise((resolve) => server.close(resolve));
  });`,
  'leaves-server.test.js': `test('opens only', () => { require('node:http').createServer().listen(0, '127.0.0.1'); });`,
  'leaves-timer.test.js': `test('never ends', () => { setInterval(() => {}, 1000); });`,
  'reaches-out.test.js': `test('swallows the failure', async () => {
    const socket = require('node:net').connect(9, '192.0.2.1');
    await new Promise((resolve) => socket.once('error', resolve));
  });`,
  'fails.test.js': `test('is wrong', () => { expect(1).toBe(2); });`,
  'breaks.test.js': `throw new Error('cannot even start');`,
  'skips.test.js': `describe.skip('real data (skipped: no data set here)', () => { test('is read', () => {}); });`,
};

describe('the test runner', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'roamhub-test-runner-'));
  let output = '';
  let summary: unknown;

  beforeAll(() => {
    for (const [name, content] of Object.entries(fixtures)) writeFileSync(path.join(folder, name), content);
    const library = path.join(process.cwd(), 'scripts/lib');
    const config = {
      rootDir: folder,
      testEnvironment: path.join(library, 'jest-environment.mjs'),
      reporters: [path.join(library, 'jest-reporter.mjs')],
      transform: {},
      maxWorkers: 2,
      workerGracefulExitTimeout: 50,
    };
    const jest = path.join(process.cwd(), 'node_modules/jest/bin/jest.js');
    const env = { ...process.env, ROAMHUB_TEST_SUMMARY: path.join(folder, 'summary.json') };
    const run = spawnSync(process.execPath, [jest, '--config', JSON.stringify(config), '--ci', '--colors=false'], {
      env,
      cwd: folder,
      encoding: 'utf8',
      timeout: 18_000,
    });
    output = run.stdout;
    summary = JSON.parse(readFileSync(env.ROAMHUB_TEST_SUMMARY, 'utf8'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('counts tests, and files that are faulty as a whole', () => {
    expect(summary).toMatchObject({ passed: 4, failed: 5, skipped: 1 });
  });

  it.each([
    ['a server left open', 'leaves-server.test.js', 'left open after the last test: 1 × TCPServerWrap'],
    ['a timer left running', 'leaves-timer.test.js', 'left open after the last test: 1 × Timeout'],
    ['an address outside this machine', 'reaches-out.test.js', 'tests may reach loopback only, but tried 192.0.2.1:9'],
    ['a wrong result', 'fails.test.js', 'Expected: 2'],
    ['a file that cannot run', 'breaks.test.js', 'cannot even start'],
  ])('fails for %s and says so', (_name, file, message) => {
    const report = output.split(/^FAILED /m).find((part) => part.startsWith(file));
    expect(report).toContain(message);
  });

  it('does not report a file that cleans up', () => {
    expect(output).not.toContain('FAILED good.test.js');
  });

  it('says why tests were skipped', () => {
    expect(output).toContain('skipped 1: no data set here');
  });
});
