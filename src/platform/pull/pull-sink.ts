import type { ModuleId, Role } from '../../kernel/module-id.js';
import type { PartyRef } from '../../kernel/party-ref.js';
import type { Partner } from '../partners/index.js';

export interface PullContext {
  readonly correlationId: string;
  /** Whether an older `last_updated` than the stored one is applied all the same (a partner's switch). */
  readonly applyStale: boolean;
}

const cpo: readonly Role[] = ['CPO'];

/** In which roles parties own what a sink takes. */
export const ownerRolesOf = (sink: Pick<PullSink, 'ownerRoles'>): readonly Role[] => sink.ownerRoles ?? cpo;

/** Where pulled objects of a module go; the module supplies it. */
export interface PullSink {
  readonly module: ModuleId;
  /** In which roles parties own such objects; `CPO` unless given. */
  readonly ownerRoles?: readonly Role[];
  /** Nothing is taken out, whatever a list holds (P-16). */
  readonly addsOnly?: boolean;
  /** Whether the lists of a partner are read at all; those of all are unless given. */
  isWanted?(partner: Partner): boolean;
  /** How far back a complete list goes, ms since the epoch: for lists that have to be asked for by date (S-01). */
  listFrom?(): number;
  /** The object's id; undefined if it has none that can be read. */
  idOf(value: unknown): string | undefined;
  /**
   * Judges one object as if its owner had PUT it, and stores it.
   * @param text the object as received, without insignificant white space
   * @throws OcpiError what the rules say against it
   */
  accept(owner: PartyRef, value: unknown, text: string, context: PullContext): Promise<'stored' | 'unchanged'>;
  /** How many objects of the owner are stored. */
  count(owner: PartyRef): Promise<number>;
  /**
   * Takes out what is not among `present` (upper-case ids) and has not changed since the crawl began (`since`, ms): its
   * owner may have pushed it after the list was written. Returns how many.
   */
  removeAbsent(owner: PartyRef, present: ReadonlySet<string>, since: number, context: PullContext): Promise<number>;
}
