import type { Turn } from '../partners/index.js';

/** The right to pull a partner. */
export interface PullTurn extends Turn {
  readonly partner: string;
}

/** When a partner is to be pulled, as it stands now. */
export interface PullDue {
  /** ms; 0 = now */
  readonly inMs: number;
  /** Somebody asked for everything to be read. */
  readonly full: boolean;
  /** How many wishes there were so far. */
  readonly wishes: number;
}

/** Somebody asks for a pull of a partner in so many ms. */
export interface PullWish {
  readonly partner: string;
  readonly delayMs: number;
}

/** When partners are pulled next, and what was asked for. */
export interface PullSchedule {
  /**
   * Asks for a pull in `delayMs`, or sooner if it is due sooner; with `full` everything is to be read. Resolves once that stands
   * where it outlives the queue.
   */
  wish(partner: string, wish: { readonly delayMs: number; readonly full: boolean }): Promise<void>;
  /** How matters stand for a partner whose turn this process has. */
  due(partner: string): Promise<PullDue>;
  /** A pull has ended that began with `due`; the next is in `nextMs`, unless somebody asked for one meanwhile. */
  ended(turn: PullTurn, due: PullDue, nextMs: number): Promise<void>;
  /** In how many ms each of these partners is due, as far as no node is at it; those that were never pulled: now. */
  sweep(partners: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /**
   * Calls `listener` when somebody asks for a pull on any node, and without a wish when it may have missed some. Returns how to end
   * that.
   */
  onWish(listener: (wish: PullWish | undefined) => void): () => void;
}

/** The schedule of one process: the queue's timers are all there is to it, and this remembers who is to be read whole. */
export class OwnPullSchedule implements PullSchedule {
  private readonly full = new Set<string>();

  async wish(partner: string, { full }: { readonly full: boolean }): Promise<void> {
    if (full) this.full.add(partner);
  }

  async due(partner: string): Promise<PullDue> {
    return { inMs: 0, full: this.full.delete(partner), wishes: 0 };
  }

  async ended(): Promise<void> {}

  async sweep(): Promise<ReadonlyMap<string, number>> {
    return new Map();
  }

  onWish(): () => void {
    return () => undefined;
  }
}
