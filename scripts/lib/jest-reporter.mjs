/**
 * Jest reporter for `scripts/test`: failures in full, one line per kind of test, the slowest tests, and every skipped
 * test with its reason. It writes the totals as JSON to the file named by ROAMHUB_TEST_SUMMARY.
 *
 * A skipped test says why in its own or its describe block's name, as `… (skipped: reason)`.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const SLOW_TEST_MS = 2_000;
const SLOW_FILE_MS = 10_000;
const SLOWEST_SHOWN = 10;

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
const print = (text) => process.stdout.write(`${text}\n`);

export default class SummaryReporter {
  #kinds = new Map();
  #slow = [];
  #skipped = new Map();
  #startedAt = performance.now();

  onTestResult(test, result) {
    const file = path.relative(process.cwd(), test.path);
    const kind = test.context.config.displayName?.name ?? 'tests';
    const totals = this.#kinds.get(kind) ?? { files: 0, passed: 0, failed: 0, skipped: 0 };
    this.#kinds.set(kind, totals);
    totals.files += 1;
    totals.passed += result.numPassingTests;
    totals.failed += result.numFailingTests;
    for (const one of result.testResults) {
      if (one.status === 'pending' || one.status === 'todo' || one.status === 'disabled') {
        totals.skipped += 1;
        const reason = /\(skipped: (.+?)\)/.exec(one.fullName)?.[1] ?? `no reason given in ${file}`;
        this.#skipped.set(reason, [...(this.#skipped.get(reason) ?? []), `${file}: ${one.fullName}`]);
      }
      if ((one.duration ?? 0) >= SLOW_TEST_MS) this.#slow.push({ ms: one.duration, name: `${file}: ${one.fullName}` });
    }
    // A file that cannot be run, or that leaves handles open, is one failure of its own.
    if (result.testExecError !== undefined && result.testExecError !== null) totals.failed += 1;
    if (result.failureMessage) print(`\nFAILED ${file}\n${result.failureMessage.trimEnd()}\n`);
    const took = result.perfStats.end - result.perfStats.start;
    if (took >= SLOW_FILE_MS) print(`${kind}: ${file} took ${seconds(took)}`);
  }

  onRunComplete() {
    for (const [kind, { files, passed, failed, skipped }] of this.#kinds) {
      print(`${kind}: ${files} files: ${passed} tests passed, ${failed} failed, ${skipped} skipped`);
    }
    print(`jest took ${seconds(performance.now() - this.#startedAt)}`);
    if (this.#slow.length > 0) {
      print(`slowest tests (over ${seconds(SLOW_TEST_MS)}):`);
      const slowest = this.#slow.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST_SHOWN);
      for (const { ms, name } of slowest) print(`  ${seconds(ms).padStart(8)}  ${name}`);
    }
    for (const [reason, names] of this.#skipped) {
      print(`skipped ${names.length}: ${reason}`);
      for (const name of names.slice(0, 3)) print(`  ${name}`);
      if (names.length > 3) print(`  … and ${names.length - 3} more`);
    }
    const summaryFile = process.env.ROAMHUB_TEST_SUMMARY;
    if (summaryFile !== undefined) {
      const sum = (field) => [...this.#kinds.values()].reduce((total, kind) => total + kind[field], 0);
      const summary = {
        kinds: [...this.#kinds.keys()],
        passed: sum('passed'),
        failed: sum('failed'),
        skipped: sum('skipped'),
      };
      writeFileSync(summaryFile, JSON.stringify(summary));
    }
  }
}
