import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestHub, type TestHub, type TestHubOptions } from '../../support/hub/index.js';
import type { Row } from './row.js';

/** One test per row, with the rule's id in its name; the rows of a group share a hub that is emptied before each. */
export function describeRows(name: string, rows: readonly Row[], options: TestHubOptions = {}): void {
  describe(name, () => {
    let hub: TestHub;
    beforeAll(async () => {
      hub = await startTestHub(options);
    });
    beforeEach(() => hub.clear());
    afterAll(() => hub.close());

    for (const row of rows) {
      const title = `${row.rule} ${row.title}`;
      switch (row.kind) {
        case 'tested':
          it(title, async () => {
            await row.run(hub);
            // No request of a conforming or a mistaken partner is answered by a fault of ours.
            expect(hub.outcomes.filter((outcome) => outcome.fault !== undefined)).toEqual([]);
          });
          break;
        case 'elsewhere':
          it(`${title} (proven in ${row.file})`, () => expectTestWith(row.file, row.text));
          break;
        case 'not met':
          if (row.run) {
            const { run } = row;
            it.failing(`${title} (not met)`, () => run(hub));
          }
          break;
        case 'not testable':
          break;
      }
    }
  });
}

/** A test whose title holds `text` exists in `file`, so that the pointer cannot rot. */
export function expectTestWith(file: string, text: string): void {
  const titles = existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line.includes(text) && !/^\s*(\/\/|\/?\*|import )/.test(line))
    : [];
  expect({ file, text, found: titles.length > 0 }).toEqual({ file, text, found: true });
}
