import { createReadStream, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** What a figure has to reach. */
export type Limit = { readonly at_most: number } | { readonly at_least: number } | { readonly equals: number };

/** Something that a scenario measured; judged by the verdict. */
export interface Figure {
  readonly promise: string;
  readonly what: string;
  readonly value: number;
  readonly unit?: string;
  /** Left out: told, not judged. */
  readonly limit?: Limit;
  /** For the reader. */
  readonly detail?: string;
}

/** What the verdict is to make of the files of a run. */
export interface Charge {
  /** The journal against the hub's lists (P1). */
  readonly journal?: { readonly promise: string; readonly acksAtLeast: number };
  /** Whose copies must equal the hub's last list (P3). */
  readonly copies?: readonly string[];
  /** To whom time must not go backwards (P4). */
  readonly order?: readonly string[];
  /** At least so many pushes must have been looked at for it. */
  readonly pushesAtLeast?: number;
  /** Who may be told the same twice so many times from one mark in the journal to the next (P7). */
  readonly duplicates?: { readonly partners: readonly string[]; readonly atMost: number };
  /** Who must never have two pushes of one Location under way at once (P19). */
  readonly overlaps?: readonly string[];
  /** What was sent to CPOs (P10); anything they got after `settledAt` (monotonic ms) was kept somewhere. */
  readonly commands?: { readonly atLeast: number; readonly settledAt: number; readonly limitMs: number };
}

/** About a run, for whoever judges it later. */
export interface RunCard {
  readonly scenario: string;
  readonly seed: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly started: string;
}

/** One push as a partner saw it. */
export interface Receipt {
  /** Order of arrival. */
  readonly i: number;
  /** Arrival and end of the answer (or of the connection), monotonic ms. */
  readonly at: number;
  readonly end: number;
  /** Arrival by the wall clock, ms. */
  readonly w: number;
  readonly m: string;
  /** `locations/DE/CP1/LOC1` */
  readonly k: string;
  /** EVSE and Connector, if the push is of a part. */
  readonly p: string;
  /** `last_updated` of what was pushed. */
  readonly u: string;
  /** HTTP status; 0: the answer was not finished. */
  readonly h: number;
  /** The caller's port. */
  readonly port: number;
}

/** An object of a list or a copy. */
export interface Held {
  readonly k: string;
  readonly d: string;
}

/** The files of one run: everything the verdict needs, and its result. */
export class RunFolder {
  constructor(readonly path: string) {}

  static create(folder: string): RunFolder {
    for (const part of ['', 'hub', 'copies', 'receipts']) mkdirSync(path.join(folder, part), { recursive: true });
    return new RunFolder(folder);
  }

  file(...parts: string[]): string {
    return path.join(this.path, ...parts);
  }

  has(name: string): boolean {
    return existsSync(this.file(name));
  }

  writeJson(name: string, value: unknown): void {
    writeFileSync(this.file(name), `${JSON.stringify(value, null, 2)}\n`);
  }

  readJson<T>(name: string): T {
    return JSON.parse(readFileSync(this.file(name), 'utf8')) as T;
  }

  writeLines(name: string, values: Iterable<unknown>): void {
    const lines = [...values].map((value) => JSON.stringify(value));
    writeFileSync(this.file(name), lines.length === 0 ? '' : `${lines.join('\n')}\n`);
  }

  /** Reads a file line by line; a last line that was cut off by a crash of its writer is left out. */
  async *readLines<T>(name: string): AsyncGenerator<T> {
    const input = createReadStream(this.file(name), 'utf8');
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line === '') continue;
      try {
        yield JSON.parse(line) as T;
      } catch {
        return;
      }
    }
  }

  /** Objects by key. */
  async readHeld(name: string): Promise<Map<string, string>> {
    const texts = new Map<string, string>();
    for await (const { k, d } of this.readLines<Held>(name)) texts.set(k, d);
    return texts;
  }
}
