interface Late {
  readonly dueAt: number;
  readonly answer: () => void;
}

/**
 * Answers that are given after a pause.
 *
 * To turn a request away costs nearly as much as to serve it, and a caller that does not heed `Retry-After` comes back at once.
 * The pause bounds how often it can: its connection waits meanwhile.
 */
export class LateAnswers {
  private waiting: Late[] = [];
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  /**
   * @param pauseMs how late an answer is
   * @param most how many wait at once; beyond that they are given at once
   */
  constructor(
    private readonly pauseMs: number,
    private readonly most: number,
  ) {}

  add(answer: () => void): void {
    if (this.ended || this.pauseMs <= 0 || this.waiting.length >= this.most) {
      answer();
      return;
    }
    this.waiting.push({ dueAt: performance.now() + this.pauseMs, answer });
    this.timer ??= setTimeout(this.giveDue, this.pauseMs);
  }

  /** Gives all of them now, and later ones at once. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    for (const { answer } of this.waiting.splice(0)) answer();
  }

  private readonly giveDue = (): void => {
    this.timer = undefined;
    const now = performance.now();
    const next = this.waiting.findIndex(({ dueAt }) => dueAt > now);
    const due = this.waiting.splice(0, next === -1 ? this.waiting.length : next);
    const first = this.waiting[0];
    // In steps, so that a timer is not set for each.
    if (first) this.timer = setTimeout(this.giveDue, Math.max(10, first.dueAt - now));
    for (const { answer } of due) answer();
  };
}
