import { describeAnswer } from '../http/ocpi-answer.js';
import type { Catalogue, CatalogueEntry, OwnedModule } from './catalogue.js';
import type { OwnerPush } from './owner-push.js';
import { forEachConcurrently } from './worker-pool.js';

/** Settings of {@link PutAll.run}. */
export interface PutAllOptions {
  /** PUTs in flight at once; default 16. */
  concurrency?: number;
  /** Only these modules; default tariffs, then locations. */
  modules?: OwnedModule[];
  /** Only the first so many objects of each module. */
  limit?: number;
}

/** Objects that the peer refused for the same reason. */
export interface Refusals {
  count: number;
  /** Keys of the first few. */
  examples: string[];
}

const REASONS = 200;
const EXAMPLES = 3;

/** Progress and result of putting all objects at the peer. */
export class PutAll {
  running = false;
  total = 0;
  done = 0;
  accepted = 0;
  created = 0;
  refused = 0;
  failed = 0;
  startedAt = 0;
  finishedAt = 0;
  readonly refusals: Record<string, Refusals> = {};
  readonly failures: Record<string, number> = {};

  constructor(
    private readonly catalogue: Catalogue,
    private readonly push: OwnerPush,
    private readonly now: () => number,
  ) {}

  /** PUTs every tariff, then every Location, at the peer's RECEIVER as their owner. */
  async run(options: PutAllOptions = {}): Promise<void> {
    const lists = (options.modules ?? ['tariffs', 'locations']).map((module) =>
      this.catalogue.list(module).slice(0, options.limit),
    );
    this.running = true;
    this.startedAt = this.now();
    this.total = lists.reduce((sum, list) => sum + list.length, 0);
    try {
      for (const list of lists) await forEachConcurrently(list, options.concurrency ?? 16, (entry) => this.put(entry));
    } finally {
      this.running = false;
      this.finishedAt = this.now();
    }
  }

  /** What the control server shows. */
  state(): Record<string, unknown> {
    const { running, total, done, accepted, created, refused, failed, refusals, failures } = this;
    const elapsed_ms = (running ? this.now() : this.finishedAt) - this.startedAt;
    return { running, total, done, accepted, created, refused, failed, elapsed_ms, refusals, failures };
  }

  private async put(entry: CatalogueEntry): Promise<void> {
    const outcome = await this.push.send(() => ({
      method: 'PUT',
      module: entry.module,
      role: 'RECEIVER',
      path: [entry.owner.country_code, entry.owner.party_id, entry.id],
      from: entry.owner,
      body: entry.text,
    }));
    this.done += 1;
    if (outcome.kind === 'accepted') {
      this.accepted += 1;
      if (outcome.created) this.created += 1;
    } else if (outcome.kind === 'refused') {
      this.refused += 1;
      this.countRefusal(describeAnswer(outcome.answer), this.catalogue.keyOf(entry));
    } else {
      this.failed += 1;
      this.failures[outcome.reason] = (this.failures[outcome.reason] ?? 0) + 1;
    }
  }

  private countRefusal(message: string, key: string): void {
    const full = Object.keys(this.refusals).length >= REASONS;
    const reason = this.refusals[message] === undefined && full ? 'other' : message;
    this.refusals[reason] ??= { count: 0, examples: [] };
    const entry = this.refusals[reason];
    entry.count += 1;
    if (entry.examples.length < EXAMPLES) entry.examples.push(key);
  }
}
