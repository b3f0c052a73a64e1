import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import Database, { type Database as SqliteDatabase } from 'better-sqlite3';
import { GroupCommit } from './group-commit.js';
import { StorageUnavailable } from './storage-error.js';
import { temporaryDatabase } from './testing/temporary-database.js';
import type { WriteTransaction } from './write-batch.js';

let database: ReturnType<typeof temporaryDatabase>;
let db: SqliteDatabase;
let reader: SqliteDatabase;
let group: GroupCommit;

beforeEach(() => {
  database = temporaryDatabase();
  db = new Database(database.file);
  db.pragma('journal_mode = WAL');
  db.exec('CREATE TABLE entry (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)');
  reader = new Database(database.file, { readonly: true });
  group = new GroupCommit(db);
});

afterEach(() => {
  reader.close();
  db.close();
  database.remove();
});

const add = (text: string) => (tx: WriteTransaction) =>
  Number(tx.db.prepare('INSERT INTO entry (text) VALUES (?)').run(text).lastInsertRowid);
/** What another connection sees: committed rows only. */
const committed = (): string[] =>
  (reader.prepare('SELECT text FROM entry ORDER BY id').all() as { text: string }[]).map((row) => row.text);

describe('a group commit', () => {
  it('answers each job with its own result, once that is committed', async () => {
    const seen: string[][] = [];
    const results = await Promise.all(
      ['a', 'b', 'c'].map((text) =>
        group.write(add(text)).then((id) => {
          seen.push(committed());
          return id;
        }),
      ),
    );
    expect(results).toEqual([1, 2, 3]);
    expect(seen).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ]);
  });

  it('collects what arrives together into one transaction', async () => {
    let transactions = 0;
    const counting = (tx: WriteTransaction): void => {
      tx.afterCommit(() => transactions++);
    };
    const before = Number(db.pragma('data_version', { simple: true }));
    await Promise.all(Array.from({ length: 50 }, () => group.write(counting)));
    expect(transactions).toBe(50);
    expect(Number(db.pragma('data_version', { simple: true }))).toBe(before);
    let begun = 0;
    const observed = new Proxy(db, {
      get: (target, name) => {
        if (name !== 'prepare') return Reflect.get(target, name, target) as unknown;
        return (sql: string) => {
          const statement = target.prepare(sql);
          if (sql !== 'BEGIN IMMEDIATE') return statement;
          return {
            run: () => {
              begun++;
              return statement.run();
            },
          };
        };
      },
    });
    const company = new GroupCommit(observed, { maxJobs: 20 });
    await Promise.all(Array.from({ length: 50 }, (_, index) => company.write(add(`x${index}`))));
    expect(begun).toBe(3);
  });

  it('undoes a job that throws, wholly, and none of the others', async () => {
    const first = group.write(add('first'));
    const broken = group.write((tx) => {
      add('half')(tx);
      throw new RangeError('no');
    });
    const clash = group.write(add('first'));
    const last = group.write(add('last'));
    await expect(broken).rejects.toThrow(RangeError);
    await expect(clash).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_UNIQUE' });
    await Promise.all([first, last]);
    expect(committed()).toEqual(['first', 'last']);
  });

  it('runs the effects of a job after the commit and before its answer, and not those of a job that threw', async () => {
    const order: string[] = [];
    const good = group
      .write((tx) => {
        tx.afterCommit(() => order.push(`effect, committed: ${committed().join()}`));
        return add('good')(tx);
      })
      .then(() => order.push('answered'));
    const bad = group.write((tx) => {
      tx.afterCommit(() => order.push('effect of what never was'));
      throw new Error('no');
    });
    await expect(bad).rejects.toThrow('no');
    await good;
    expect(order).toEqual(['effect, committed: good', 'answered']);
  });

  it('rejects everybody with StorageUnavailable when the storage fails, and works again afterwards', async () => {
    db.pragma('query_only = ON');
    const results = await Promise.allSettled([group.write(add('a')), group.write(add('b'))]);
    for (const result of results) {
      expect(result.status).toBe('rejected');
      expect((result as PromiseRejectedResult).reason).toBeInstanceOf(StorageUnavailable);
    }
    expect(db.inTransaction).toBe(false);
    db.pragma('query_only = OFF');
    await group.write(add('c'));
    expect(committed()).toEqual(['c']);
  });

  it.each([
    ['', []],
    [', also where another one throws, which makes each run by itself', ['thrower']],
  ])('refuses everybody of a batch in the middle of which the disk is full%s (P9)', async (_, more) => {
    await group.write(add('before'));
    const pages = Number(db.pragma('page_count', { simple: true }));
    db.pragma(`max_page_count = ${pages + 3}`);
    const effects: string[] = [];
    const write = (text: string) =>
      group.write((tx) => {
        tx.afterCommit(() => effects.push(text));
        if (text === 'thrower') throw new RangeError('no');
        return add(text)(tx);
      });
    const outcomes = await Promise.allSettled([...more, 'a', 'x'.repeat(100_000), 'c'].map(write));
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: expect.objectContaining({
          name: 'StorageUnavailable',
          cause: expect.objectContaining({ code: 'SQLITE_FULL' }),
        }),
      });
    expect([committed(), effects, db.inTransaction]).toEqual([['before'], [], false]);
    db.pragma('max_page_count = 1000000');
    await write('after');
    expect(committed()).toEqual(['before', 'after']);
  });

  it('goes on where a transaction was left open by what failed', async () => {
    db.exec('BEGIN');
    await group.write(add('next'));
    expect(committed()).toEqual(['next']);
  });

  it('rejects everybody when the commit itself fails, and nothing of it stays', async () => {
    db.exec('CREATE TABLE child (id INTEGER REFERENCES entry (id) DEFERRABLE INITIALLY DEFERRED)');
    db.pragma('foreign_keys = ON');
    const effects: string[] = [];
    const innocent = group.write((tx) => {
      tx.afterCommit(() => effects.push('told'));
      return add('innocent')(tx);
    });
    const culprit = group.write((tx) => tx.db.exec('INSERT INTO child VALUES (999)'));
    await expect(innocent).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
    await expect(culprit).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_FOREIGNKEY' });
    expect(committed()).toEqual([]);
    expect(effects).toEqual([]);
    await group.write(add('next'));
    expect(committed()).toEqual(['next']);
  });

  it('takes up jobs that are handed in by a job or by an effect', async () => {
    const later: Promise<unknown>[] = [];
    await group.write((tx) => {
      later.push(group.write(add('from the job')));
      tx.afterCommit(() => later.push(group.write(add('from the effect'))));
      return add('first')(tx);
    });
    await Promise.all(later);
    expect(committed()).toEqual(['first', 'from the job', 'from the effect']);
  });

  it('keeps the order of arrival over several commits', async () => {
    const small = new GroupCommit(db, { maxJobs: 3 });
    await Promise.all(Array.from({ length: 10 }, (_, index) => small.write(add(String(index)))));
    expect(committed()).toEqual(Array.from({ length: 10 }, (_, index) => String(index)));
  });

  it('acknowledges what is on disk even if an effect throws, which then ends the process', async () => {
    const uncaught: unknown[] = [];
    const later = setImmediate;
    const spy = jest.spyOn(globalThis, 'setImmediate').mockImplementation(((callback: () => void) =>
      later(() => {
        try {
          callback();
        } catch (error) {
          uncaught.push(error);
        }
      })) as typeof setImmediate);
    const bad = group.write((tx) => {
      tx.afterCommit(() => {
        throw new Error('mirror broken');
      });
      return add('bad')(tx);
    });
    const effects: string[] = [];
    const other = group.write((tx) => {
      tx.afterCommit(() => effects.push('other'));
      return add('other')(tx);
    });
    expect(await Promise.all([bad, other])).toEqual([1, 2]);
    await group.write(add('next'));
    spy.mockRestore();
    expect(effects).toEqual(['other']);
    expect(uncaught).toEqual([new Error('mirror broken')]);
  });
});

describe('exclusive work', () => {
  it('keeps jobs waiting until it is done, across awaits', async () => {
    const order: string[] = [];
    const exclusive = group.exclusive(async () => {
      db.exec('BEGIN');
      db.prepare('INSERT INTO entry (text) VALUES (?)').run('exclusive');
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      db.exec('ROLLBACK');
      order.push('exclusive');
    });
    const job = group.write(add('job')).then(() => order.push('job'));
    await Promise.all([exclusive, job]);
    expect(order).toEqual(['exclusive', 'job']);
    expect(committed()).toEqual(['job']);
  });

  it('takes turns with other exclusive work, also when one fails', async () => {
    const order: string[] = [];
    const turn =
      (name: string, fails = false) =>
      async () => {
        order.push(`${name} in`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} out`);
        if (fails) throw new Error(name);
      };
    const results = await Promise.allSettled([
      group.exclusive(turn('a')),
      group.exclusive(turn('b', true)),
      group.exclusive(turn('c')),
    ]);
    expect(order).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await group.write(add('after'));
    expect(committed()).toEqual(['after']);
  });

  it('is waited for by drain, together with every job', async () => {
    const done: string[] = [];
    void group.exclusive(async () => void done.push('exclusive'));
    for (let index = 0; index < 100; index++) void group.write(() => done.push('job'));
    await group.drain();
    expect(done).toHaveLength(101);
  });
});

describe('a log that is flushed elsewhere', () => {
  it('that cannot be flushed leaves everybody in doubt: refused, while memory follows what readers see', async () => {
    let broken = true;
    const durable = async (): Promise<void> => {
      if (broken) throw new Error('EIO');
    };
    const synced = new GroupCommit(db, { sync: { durable, close: async () => undefined } });
    const told: string[] = [];
    const write = (text: string) =>
      synced.write((tx) => {
        tx.afterCommit(() => told.push(text));
        return add(text)(tx);
      });
    await expect(write('doubtful')).rejects.toBeInstanceOf(StorageUnavailable);
    expect([committed(), told]).toEqual([['doubtful'], ['doubtful']]);
    broken = false;
    await synced.recover(async () => undefined);
    await write('next');
    expect(told).toEqual(['doubtful', 'next']);
  });
});
