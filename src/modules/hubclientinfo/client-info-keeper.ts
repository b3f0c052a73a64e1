import type { Clock } from '../../kernel/clock.js';
import { newMessageId } from '../../kernel/message-ids.js';
import { partyKey } from '../../kernel/party-ref.js';
import { isStorageFault, StorageUnavailable } from '../../platform/storage/index.js';
import { type ClientState, sameState } from './client-info.js';
import type { ClientInfoStore } from './client-info-store.js';

export interface ClientInfoKeeperOptions {
  readonly store: Pick<ClientInfoStore, 'all' | 'set'>;
  /** The truth at this moment, by key. */
  readonly states: () => ReadonlyMap<string, ClientState>;
  /** Told of parties that there is a ClientInfo of. */
  readonly onOwners: (owners: Iterable<string>) => void;
  /** Whether this node may write now: one does at a time, or two with different views would take turns. */
  readonly mayWrite: () => Promise<boolean>;
  readonly clock: Clock;
  /** Told of what went wrong; it is tried again with the next wake. */
  readonly onTrouble: (error: unknown) => void;
}

/** What is stored is read anew after so long: another node may have written meanwhile. */
const rereadMs = 30_000;

/**
 * Makes the stored ClientInfo objects follow the truth, each change of which is then told to partners by their lanes (H-05, H-06).
 *
 * It compares states and carries out differences, so a wake-up may be lost, doubled or late. A party that the truth no longer
 * holds becomes SUSPENDED (H-07).
 */
export class ClientInfoKeeper {
  private known: Map<string, ClientState> | undefined;
  private readAt = 0;
  private writes = false;
  private wanted = false;
  private working: Promise<void> | undefined;

  constructor(private readonly options: ClientInfoKeeperOptions) {}

  /** Something may have changed. Returns at once; however many ask, one round is under way and one follows. */
  wake(): void {
    this.wanted = true;
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  /** Resolves when everything that was true at the call is stored, or could not be. */
  async settle(): Promise<void> {
    this.wake();
    await this.working;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.working;
  }

  private async work(): Promise<void> {
    // Not in the midst of what woke us.
    await Promise.resolve();
    while (this.wanted) {
      this.wanted = false;
      try {
        await this.round();
      } catch (error) {
        this.known = undefined;
        // A database that is away is no news of ours; it is tried again.
        if (!(error instanceof StorageUnavailable) && !isStorageFault(error)) this.options.onTrouble(error);
      }
    }
  }

  private async round(): Promise<void> {
    const { clock, mayWrite, onOwners, states, store } = this.options;
    const truth = states();
    onOwners([...truth.values()].map(partyKey));
    const now = clock.now();
    const writes = await mayWrite();
    // What a node knows that takes over from another one is old.
    const takesOver = writes && !this.writes;
    this.writes = writes;
    let { known } = this;
    if (known === undefined || takesOver || now - this.readAt >= rereadMs) {
      known = await store.all();
      this.known = known;
      this.readAt = now;
      onOwners([...known.values()].map(partyKey));
    }
    if (!writes) return;
    const kept = known;
    const context = { correlationId: newMessageId(), now };
    const set = async (key: string, state: ClientState): Promise<void> => {
      await store.set(state, context);
      kept.set(key, state);
    };
    const changes: Promise<void>[] = [];
    for (const [key, state] of truth) {
      const before = kept.get(key);
      if (!before || !sameState(before, state)) changes.push(set(key, state));
    }
    for (const [key, state] of kept)
      if (!truth.has(key) && state.status !== 'SUSPENDED') changes.push(set(key, { ...state, status: 'SUSPENDED' }));
    await Promise.all(changes);
  }
}
