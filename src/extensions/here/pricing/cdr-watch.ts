import { type CdrJudgeParts, cdrJudge } from './judge-cdr.js';

/** CDRs that wait to be judged; what comes beyond is not judged. */
const mostWaiting = 1_000;

/** Judges CDRs one after the other, each in a turn of its own: nobody who sends one waits for that. */
export class CdrWatch {
  private readonly waiting: unknown[] = [];
  private readonly judge: (cdr: unknown) => Promise<void>;
  private isAtWork = false;

  constructor(parts: CdrJudgeParts) {
    this.judge = cdrJudge(parts);
  }

  /** @returns false: too many wait, and this one is not judged */
  see(cdr: unknown): boolean {
    if (this.waiting.length >= mostWaiting) return false;
    this.waiting.push(cdr);
    if (!this.isAtWork) this.next();
    this.isAtWork = true;
    return true;
  }

  private next(): void {
    setImmediate(() => {
      if (this.waiting.length === 0) {
        this.isAtWork = false;
        return;
      }
      const cdr = this.waiting.shift();
      void this.judge(cdr).finally(() => this.next());
    });
  }
}
