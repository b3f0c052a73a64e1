import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import type { JournalRecord } from '../framework/journal-file.js';
import type { Held, Receipt, RunFolder } from '../framework/run-folder.js';

/** A wrong that is done to the files of an honest run, and the promise that the verdict must then find broken. */
export interface Forgery {
  readonly name: string;
  readonly promise: string;
  forge(run: RunFolder): void;
}

export const forgeries: readonly Forgery[] = [
  {
    name: 'an acknowledgement of a write that was never sent',
    promise: 'P1',
    forge(run) {
      const records = linesOf<JournalRecord>(run, 'journal.ndjson');
      const last = records.findLastIndex(({ t }) => t === 'stored');
      const intent = records.findLast(
        (record) => record.t === 'intent' && record.m === 'PATCH' && record.p.length === 1,
      );
      if (intent?.t !== 'intent') throw new Error('the run has no PATCH of an EVSE');
      const s = new Date(Date.parse(intent.s) + 60_000).toISOString();
      const forged = { ...intent, n: 1e9, s, b: `{"status":"PLANNED","last_updated":"${s}"}` };
      records.splice(last, 0, forged, { t: 'outcome', n: 1e9, r: 'ok', at: forged.at });
      write(run, 'journal.ndjson', records);
    },
  },
  {
    name: 'one field of one EVSE is lost in the store',
    promise: 'P1',
    forge: (run) => changeOne(run, lastStored(run), /"connectors":\[\{/, '"connectors":[{"lost":true,'),
  },
  {
    name: 'an object is gone from the store',
    promise: 'P1',
    forge: (run) => dropOne(run, lastStored(run)),
  },
  {
    name: "a number in a partner's copy is printed anew",
    promise: 'P3',
    forge: (run) => changeOne(run, 'copies/partner-1.ndjson', /"max_voltage":(\d+)/, '"max_voltage":$1.0'),
  },
  { name: 'an object is missing at a partner', promise: 'P3', forge: (run) => dropOne(run, 'copies/partner-1.ndjson') },
  {
    name: 'a partner gets an old body after a newer one',
    promise: 'P4',
    forge: (run) => addReceipt(run, (old) => ({ u: new Date(Date.parse(old.u) - 1).toISOString() })),
  },
  { name: 'a partner gets the same twice', promise: 'P7', forge: (run) => addReceipt(run, () => ({})) },
  {
    name: 'a second push of a Location before the first is answered',
    promise: 'P19',
    forge: (run) => addReceipt(run, (old) => ({ i: old.i + 0.5, at: (old.at + old.end) / 2 })),
  },
];

/** A copy of a run's files, to be forged. */
export function copyOf(run: RunFolder, target: RunFolder): RunFolder {
  for (const part of ['charge.json', 'figures.json', 'journal.ndjson', 'hub', 'copies', 'receipts'])
    cpSync(run.file(part), target.file(part), { recursive: true });
  return target;
}

const linesOf = <T>(run: RunFolder, name: string): T[] =>
  readFileSync(run.file(name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

const write = (run: RunFolder, name: string, values: readonly unknown[]): void =>
  writeFileSync(run.file(name), `${values.map((value) => JSON.stringify(value)).join('\n')}\n`);

function lastStored(run: RunFolder): string {
  const last = linesOf<JournalRecord>(run, 'journal.ndjson').findLast(({ t }) => t === 'stored');
  if (last?.t !== 'stored') throw new Error('the run has no reading of the hub');
  return last.file;
}

function changeOne(run: RunFolder, name: string, pattern: RegExp, replacement: string): void {
  const held = linesOf<Held>(run, name);
  const found = held.findIndex(({ d }) => pattern.test(d));
  const { k, d } = held[found] ?? { k: '', d: '' };
  if (found < 0) throw new Error(`${name} has no ${pattern}`);
  write(run, name, held.with(found, { k, d: d.replace(pattern, replacement) }));
}

const dropOne = (run: RunFolder, name: string): void => write(run, name, linesOf<Held>(run, name).slice(1));

/** Repeats the last push that a partner took, with a change. */
function addReceipt(run: RunFolder, change: (old: Receipt) => Partial<Receipt>): void {
  const name = 'receipts/partner-1.ndjson';
  const old = linesOf<Receipt>(run, name).findLast(({ h, u }) => h === 200 && u !== '');
  if (!old) throw new Error('the partner has taken nothing');
  const added: Receipt = { ...old, i: 1e9, at: old.end + 1, end: old.end + 2, ...change(old) };
  appendFileSync(run.file(name), `${JSON.stringify(added)}\n`);
}
