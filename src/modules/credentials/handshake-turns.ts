import type { Clock } from '../../kernel/clock.js';
import type { Turns } from '../../platform/partners/index.js';

const minute = 60_000;
const handshakesPerMinute = 60;

/** A handshake with this partner is under way already, or there were too many of late. */
export class NotYourTurn extends Error {
  constructor(
    readonly reason: 'running' | 'too many',
    readonly retryAfterSeconds: number,
  ) {
    super(
      reason === 'running'
        ? 'Another handshake with this platform is under way.'
        : 'There were too many handshakes of late.',
    );
    this.name = 'NotYourTurn';
  }
}

/**
 * Handshakes call back to the partner, so each has its turn: one at a time and sixty a minute for a partner or invite.
 * Without this a partner could have the hub knock at an address as fast as it likes. One at a time holds over all nodes, so that
 * two exchanges of tokens with one partner do not end each other's tokens; sixty a minute is each node's own count.
 */
export class HandshakeTurns {
  private readonly running = new Set<string>();
  private readonly recent = new Map<string, number[]>();

  constructor(
    private readonly clock: Clock,
    private readonly turns: Turns,
  ) {}

  /** @throws NotYourTurn */
  async run<T>(key: string, handshake: () => Promise<T>): Promise<T> {
    if (this.running.has(key)) throw new NotYourTurn('running', 2);
    this.count(key);
    this.running.add(key);
    try {
      const done = await this.turns.run(`handshake ${key}`, handshake);
      if (!done) throw new NotYourTurn('running', 2);
      return done.result;
    } finally {
      this.running.delete(key);
    }
  }

  private count(key: string): void {
    const now = this.clock.now();
    for (const [other, times] of this.recent) if ((times.at(-1) ?? 0) <= now - minute) this.recent.delete(other);
    const times = (this.recent.get(key) ?? []).filter((at) => at > now - minute);
    const [oldest] = times;
    if (oldest !== undefined && times.length >= handshakesPerMinute)
      throw new NotYourTurn('too many', Math.ceil((oldest + minute - now) / 1_000));
    this.recent.set(key, [...times, now]);
  }
}
