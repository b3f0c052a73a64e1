import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Execution } from '../chaos/framework/command-partner.js';
import type { CommandAnswer, CommandRecord } from '../chaos/framework/command-sender.js';
import { JournalFile, type JournalRecord, type Outcome } from '../chaos/framework/journal-file.js';
import { type Charge, type Figure, type Receipt, RunFolder } from '../chaos/framework/run-folder.js';
import { commandFindings } from '../chaos/verdict/commands.js';
import { findingsOf } from '../chaos/verdict/receipts.js';
import { Replay } from '../chaos/verdict/replay.js';
import { judge } from '../chaos/verdict/verdict.js';

const stampOf = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const key = 'locations/DE/CP1/L1';

/** A Location with one EVSE that was changed last in this second. */
const location = (status: string, second: number, power = '1.0'): string =>
  `{"id":"L1","evses":[{"uid":"E1","status":"${status}","power":${power},"last_updated":"${stampOf(second)}"}],` +
  `"last_updated":"${stampOf(second)}"}`;

describe('the replay of a journal', () => {
  let replay: Replay;
  let next = 0;

  beforeEach(() => {
    replay = new Replay();
    replay.take({ t: 'known', k: key, d: location('AVAILABLE', 0) });
  });

  const patch = (status: string, second: number, r?: Outcome, at = next++): void => {
    const s = stampOf(second);
    const b = `{"status":"${status}","last_updated":"${s}"}`;
    replay.take({ t: 'intent', n: at, k: key, m: 'PATCH', p: ['E1'], b, s, at });
    if (r) replay.take({ t: 'outcome', n: at, r, at });
  };
  const kinds = (text: string): string[] => {
    replay.compare(new Map([[key, text]]));
    return replay.breaches.map(({ kind }) => kind);
  };

  it('is content with the last acknowledged state, however it is printed', () => {
    patch('CHARGING', 1, 'ok');
    expect(kinds(location('CHARGING', 1).replace('{', '{ '))).toEqual([]);
  });

  it('finds an acknowledged write that is missing, and one field of it', () => {
    patch('CHARGING', 1, 'ok');
    expect(kinds(location('AVAILABLE', 0))).toEqual(['lost']);
    expect(kinds(location('CHARGING', 1, '1'))).toEqual(['lost', 'lost']);
    expect(replay.breaches[0]?.fields.join()).toContain('/evses/0/status');
  });

  it.each(['unknown', undefined] as const)(
    'allows a later write with outcome %s to be there or not, and nothing before it',
    (outcome) => {
      patch('CHARGING', 1, 'ok');
      patch('BLOCKED', 2, outcome);
      expect(kinds(location('BLOCKED', 2))).toEqual([]);
      patch('RESERVED', 3, outcome);
      expect(kinds(location('BLOCKED', 2))).toEqual([]);
      expect(kinds(location('CHARGING', 1))).toEqual(['lost']);
    },
  );

  it('knows that an unanswered write does not undo a later one that was acknowledged', () => {
    patch('BLOCKED', 1, 'unknown');
    patch('CHARGING', 2, 'ok');
    expect(kinds(location('BLOCKED', 1))).toEqual(['lost']);
  });

  it('takes a write that was sent again for one write', () => {
    for (let times = 0; times < 50; times++) patch('BLOCKED', 1, 'unknown');
    patch('BLOCKED', 1, 'ok');
    expect(kinds(location('BLOCKED', 1))).toEqual([]);
  });

  it('does not allow a write that certainly failed', () => {
    patch('CHARGING', 1, 'fail');
    expect(kinds(location('CHARGING', 1))).toEqual(['lost']);
  });

  it('knows that an older update is acknowledged and not applied', () => {
    patch('CHARGING', 5, 'ok');
    patch('BLOCKED', 4, 'ok');
    expect(kinds(location('CHARGING', 5))).toEqual([]);
  });

  it('finds objects that are absent, that nobody wrote, and acknowledgements that cannot be', () => {
    replay.take({ t: 'intent', n: 99, k: key, m: 'PATCH', p: ['E2'], b: '{"status":"X"}', s: stampOf(1), at: 0 });
    replay.take({ t: 'outcome', n: 99, r: 'ok', at: 0 });
    replay.compare(new Map([['locations/DE/CP1/L2', '{}']]));
    expect(replay.breaches.map(({ kind }) => kind)).toEqual(['impossible', 'absent', 'invented']);
  });
});

describe('the findings in receipts', () => {
  let next = 0;
  const push = (second: number, more: Partial<Receipt> = {}): Receipt => {
    const i = next++;
    return {
      i,
      at: i * 10,
      end: i * 10 + 5,
      w: i,
      m: 'PATCH',
      k: key,
      p: 'E1',
      u: stampOf(second),
      h: 200,
      port: 1,
      ...more,
    };
  };
  const counts = async (...receipts: Receipt[]): Promise<readonly number[]> => {
    async function* all(): AsyncGenerator<Receipt> {
      yield* receipts;
    }
    const { backwards, repeated, overlapping } = await findingsOf(all());
    return [backwards.length, repeated.length, overlapping.length];
  };

  it('are none when all is well', async () => {
    expect(await counts(push(1), push(2), push(1, { p: 'E2' }), push(3))).toEqual([0, 0, 0]);
  });

  it('are found in whatever order the receipts were written', async () => {
    const [first, second] = [push(2), push(1)];
    expect(await counts(second, first)).toEqual([1, 0, 0]);
  });

  it('take a repetition for one only if the partner had taken the first', async () => {
    expect(await counts(push(1), push(1))).toEqual([0, 1, 0]);
    expect(await counts(push(1, { h: 500 }), push(1))).toEqual([0, 0, 0]);
    expect(await counts(push(1, { h: 0 }), push(1))).toEqual([0, 0, 0]);
  });

  it('count pushes of one Location at the same time, of whatever part', async () => {
    const first = push(1, { end: 1e6 });
    expect(await counts(first, push(2, { p: '' }))).toEqual([0, 0, 1]);
    expect(await counts(first, push(2, { k: 'locations/DE/CP1/L2' }))).toEqual([0, 0, 0]);
    const at = next * 10;
    expect(await counts(push(1, { at, end: at + 1_020, h: 0 }), push(2, { at: at + 1_000 }))).toEqual([0, 0, 0]);
    expect(await counts(push(1, { at, end: at + 1_500, h: 0 }), push(2, { at: at + 1_000 }))).toEqual([0, 0, 1]);
  });
});

describe('what commands show', () => {
  const answer = (code: number, more: Partial<CommandAnswer> = {}): CommandAnswer => {
    return { http: 200, code, own: code === 1000, from: 0, at: 10, cut: 0, busy: 0, ...more };
  };
  const record = (to: string, ...answers: CommandAnswer[]): CommandRecord => {
    return { n: 1, to, command: 'START_SESSION', c: 'C1', how: answers.length > 1 ? 'again' : 'once', answers };
  };
  const carriedOut = (...ids: string[]): Execution[] => ids.map((r) => ({ cpo: 'quick', c: 'C1', r, at: 5 }));
  const cut = { cut: 1 };

  it.each<[string, CommandRecord, Execution[], string[]]>([
    ['all is well', record('quick', answer(1000)), carriedOut('R1'), []],
    ['carried out twice', record('quick', answer(1000)), carriedOut('R1', 'R2'), ['doubled']],
    ['the same message twice', record('quick', answer(1000)), carriedOut('R1', 'R1'), ['doubled', 'reused']],
    ['an answer of nobody', record('quick', answer(1000)), [], ['untrue']],
    ['one of another command', record('quick', answer(1000, { own: false })), carriedOut('R1'), ['wrong']],
    ['not reached, and yet carried out', record('down', answer(4003)), carriedOut('R1'), ['untrue']],
    ['not known, for no reason', record('quick', answer(4002)), [], ['wrong']],
    ['not known, as the hub died', record('quick', answer(4002, cut), answer(4002)), [], []],
    ['not known, as it is slow', record('slow', answer(4002)), carriedOut('R1'), []],
    ['two answers to the same', record('reset', answer(1000), answer(4002)), carriedOut('R1'), ['differing']],
    ['no OCPI', record('quick', answer(0, { http: 502 })), [], ['wrong']],
    ['answered before', record('slow', answer(4002, { at: 4 })), carriedOut('R1'), ['late']],
  ])('%s', async (_what, sent, executions, wanted) => {
    const found = await commandFindings(each(sent), each(...executions));
    const { doubled, reused, wrong, untrue, differing, late } = found;
    const all = Object.entries({ doubled, reused, wrong, untrue, differing, late });
    expect(all.filter(([, examples]) => examples.length > 0).map(([name]) => name)).toEqual(wanted);
  });

  async function* each<T>(...items: T[]): AsyncGenerator<T> {
    yield* items;
  }
});

describe('the verdict', () => {
  let run: RunFolder;

  beforeEach(() => {
    run = RunFolder.create(mkdtempSync(path.join(os.tmpdir(), 'roamhub-chaos-verdict-')));
  });

  afterEach(() => rmSync(run.path, { recursive: true, force: true }));

  const holds = async (charge: Charge, figures: readonly Figure[] = []): Promise<boolean> => {
    run.writeJson('charge.json', charge);
    run.writeJson('figures.json', figures);
    return (await judge(run)).holds;
  };
  const figure = (value: number, limit: Figure['limit']): Figure =>
    limit ? { promise: 'P0', what: 'a figure', value, limit } : { promise: 'P0', what: 'a figure', value };

  it.each([
    [5, { at_most: 5 }, true],
    [6, { at_most: 5 }, false],
    [5, { at_least: 6 }, false],
    [0, { equals: 0 }, true],
    [1, { equals: 0 }, false],
    // What was never measured does not hold: JSON has no Infinity.
    [Number.POSITIVE_INFINITY, { at_least: 1 }, false],
    [Number.NaN, { at_most: 5 }, false],
  ])('of a figure %d with the limit %j is %s', async (value, limit, wanted) => {
    expect(await holds({}, [figure(value, limit)])).toBe(wanted);
  });

  it('is no success if nothing was judged', async () => {
    expect(await holds({})).toBe(false);
    expect(await holds({}, [figure(1, undefined)])).toBe(false);
  });

  it('needs a reading of the hub and enough acknowledgements', async () => {
    const journal = await JournalFile.create(run.file('journal.ndjson'));
    const records: JournalRecord[] = [
      { t: 'known', k: key, d: location('AVAILABLE', 0) },
      { t: 'intent', n: 1, k: key, m: 'PUT', p: [], b: location('BLOCKED', 1), s: stampOf(1), at: 0 },
      { t: 'outcome', n: 1, r: 'ok', at: 0 },
    ];
    for (const record of records) await journal.secure(record);
    const charge = { journal: { promise: 'P1', acksAtLeast: 1 } };
    expect(await holds(charge)).toBe(false);
    run.writeLines('hub/0001.ndjson', [{ k: key, d: location('BLOCKED', 1) }]);
    await journal.secure({ t: 'stored', file: 'hub/0001.ndjson', at: 0 });
    await journal.close();
    expect(await holds(charge)).toBe(true);
    expect(await holds({ journal: { promise: 'P1', acksAtLeast: 2 } })).toBe(false);
  });

  it('compares the copies of all that it is told', async () => {
    run.writeLines('hub/last.ndjson', [{ k: key, d: '{"a":1,"b":1.0}' }]);
    run.writeLines('copies/one.ndjson', [{ k: key, d: '{"b":1.0,"a":1}' }]);
    run.writeLines('copies/two.ndjson', []);
    run.writeLines('copies/three.ndjson', [{ k: key, d: '{"b":1,"a":1}' }]);
    expect(await holds({ copies: ['one'] })).toBe(true);
    expect(await holds({ copies: ['one', 'two'] })).toBe(false);
    expect(await holds({ copies: ['three'] })).toBe(false);
  });
});
