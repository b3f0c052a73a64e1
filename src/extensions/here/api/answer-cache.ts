/** What a kept answer was made from. */
export interface AnswerBasis {
  /** Place in the change sequence of the Location's newest change. */
  readonly offset: number;
  /** Versions of computed data that went in. */
  readonly versions: string;
  /** Object keys of the Tariffs that went in, those that were not there included. */
  readonly tariffKeys: readonly string[];
  /** What `TariffChanges.now` was before the first of them was read. */
  readonly tariffsAt: number;
  /** ms since the epoch from which on it may be another one without any change. */
  readonly freshUntil: number;
}

export interface Answer extends AnswerBasis {
  /** JSON of one place, UTF-8; undefined: the question leaves this place out. */
  readonly body: Buffer | undefined;
}

/** When Tariffs changed last, counted since this process began. */
export class TariffChanges {
  /** The number of changes so far. */
  now = 0;
  /** What was read before this one may be out of date, whichever Tariff it is. */
  private floor = 0;
  private readonly last = new Map<string, number>();

  constructor(private readonly limit = 50_000) {}

  note(key: string): void {
    this.now++;
    this.last.set(key, this.now);
    if (this.last.size <= this.limit) return;
    this.last.clear();
    this.floor = this.now;
  }

  /** Whether one of these changed after `at`. */
  since(at: number, keys: readonly string[]): boolean {
    if (keys.length === 0 || at === this.now) return false;
    return at < this.floor || keys.some((key) => (this.last.get(key) ?? 0) > at);
  }
}

/** What an entry costs beside its text. */
const overhead = 400;

/** Answers about single places, the ones asked for longest ago going first. */
export class AnswerCache {
  private readonly answers = new Map<string, Answer>();
  private held = 0;

  constructor(private readonly maxBytes: number) {}

  /** Bytes that are kept. */
  get bytes(): number {
    return this.held;
  }

  find(key: string): Answer | undefined {
    const answer = this.answers.get(key);
    if (!answer) return undefined;
    this.answers.delete(key);
    this.answers.set(key, answer);
    return answer;
  }

  keep(key: string, answer: Answer): void {
    this.drop(key);
    const size = sizeOf(key, answer);
    if (size > this.maxBytes / 8) return;
    this.answers.set(key, answer);
    this.held += size;
    for (const oldest of this.answers.keys()) {
      if (this.held <= this.maxBytes) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    const answer = this.answers.get(key);
    if (!answer) return;
    this.answers.delete(key);
    this.held -= sizeOf(key, answer);
  }
}

const sizeOf = (key: string, { body, tariffKeys }: Answer): number =>
  overhead + 2 * key.length + (body?.length ?? 0) + 100 * tariffKeys.length;
