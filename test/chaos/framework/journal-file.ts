import { type FileHandle, open } from 'node:fs/promises';

/** `ok`: acknowledged. `fail`: certainly not taken. `unknown`: taken or not. */
export type Outcome = 'ok' | 'fail' | 'unknown';

/** A line of the journal. Texts are wire texts; `at` is the wall clock, ms. */
export type JournalRecord =
  /** An object as it is known to be stored. */
  | { readonly t: 'known'; readonly k: string; readonly d: string }
  /** A write that is about to be sent. */
  | {
      readonly t: 'intent';
      readonly n: number;
      readonly k: string;
      readonly m: 'PUT' | 'PATCH';
      readonly p: readonly string[];
      readonly b: string;
      /** `last_updated` of the write. */
      readonly s: string;
      readonly at: number;
    }
  | {
      readonly t: 'outcome';
      readonly n: number;
      readonly r: Outcome;
      readonly why?: string;
      readonly at: number;
    }
  /** The hub's list was read into this file while nothing was under way. */
  | { readonly t: 'stored'; readonly file: string; readonly at: number }
  /** Something that the bench did, for the reader. */
  | { readonly t: 'mark'; readonly what: string; readonly at: number };

/** A journal on disk, one JSON text a line. Lines of parallel writers share one flush. */
export class JournalFile {
  private lines: string[] = [];
  private waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  private flushing = false;

  private constructor(private readonly file: FileHandle) {}

  static async create(path: string): Promise<JournalFile> {
    return new JournalFile(await open(path, 'ax'));
  }

  /** Adds a line, which is on disk with the next flush. */
  note(record: JournalRecord): void {
    this.lines.push(JSON.stringify(record));
  }

  /** Adds a line; resolves when it is on disk. */
  secure(record: JournalRecord): Promise<void> {
    this.note(record);
    return this.flush();
  }

  /** Resolves when all that was added is on disk. */
  flush(): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
    });
    if (!this.flushing) {
      this.flushing = true;
      void this.run();
    }
    return done;
  }

  async close(): Promise<void> {
    await this.flush();
    await this.file.close();
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) {
      const { lines, waiting } = this;
      this.lines = [];
      this.waiting = [];
      try {
        if (lines.length > 0) {
          await this.file.appendFile(`${lines.join('\n')}\n`);
          await this.file.datasync();
        }
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      }
    }
    this.flushing = false;
  }
}
