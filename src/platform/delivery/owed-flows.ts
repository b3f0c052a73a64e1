/** What a lane owes because it was not shared, as it is kept. */
export interface OwedRecord {
  /** Version of the policy by which it was found out; -1 = somebody else has added to it. */
  readonly policy: number;
  /** In words that only lanes understand; '' = nothing. */
  readonly flows: string;
}

export const nothingOwed: OwedRecord = { policy: 0, flows: '' };

/** All objects of a module that one owner gives to one receiver. */
export interface OwedFlow {
  readonly module: string;
  /** Party key. */
  readonly owner: string;
  /** {@link Receiver.key} */
  readonly party: string;
}

/**
 * The flows of one lane that are or were not shared, and whose present state their receiver has not got since: they wait until
 * they are shared, are active while they are brought, and are then forgotten. The same as a bookmark: a lane that passes over rows
 * because they are not shared knows that it did.
 */
export class OwedFlows {
  private readonly waitingNow: Set<string>;
  private readonly activeNow: Set<string>;
  /** `locations DE/CP1`: active for any receiver. */
  private owners: ReadonlySet<string> = new Set();
  private revision = 0;
  private savedRevision = 0;
  private beingSaved = 0;

  constructor(private record: OwedRecord = nothingOwed) {
    const [waiting, active] = read(record.flows);
    this.waitingNow = new Set(waiting);
    this.activeNow = new Set(active);
    this.index();
  }

  /** Version of the policy that this was last compared with. */
  get policy(): number {
    return this.record.policy;
  }

  /** It was compared with this version. */
  comparedWith(policy: number): void {
    if (policy === this.record.policy) return;
    this.record = { ...this.record, policy };
    this.revision++;
  }

  /** A flow is not shared now, or is to be brought anew. */
  add({ module, owner, party }: OwedFlow): void {
    const key = `${module} ${owner} ${party}`;
    if (this.waitingNow.has(key)) return;
    this.waitingNow.add(key);
    if (this.activeNow.delete(key)) this.index();
    this.revision++;
  }

  get isWaiting(): boolean {
    return this.waitingNow.size > 0;
  }

  /** Those that wait. */
  *waiting(): Generator<OwedFlow> {
    for (const key of this.waitingNow) yield toFlow(key);
  }

  /** These are brought from now on. */
  begin(flows: readonly OwedFlow[]): void {
    for (const { module, owner, party } of flows) {
      const key = `${module} ${owner} ${party}`;
      this.waitingNow.delete(key);
      this.activeNow.add(key);
    }
    this.index();
    this.revision++;
  }

  get isActive(): boolean {
    return this.activeNow.size > 0;
  }

  /** Whether anything of an owner is being brought. */
  brings(module: string, owner: string): boolean {
    return this.owners.has(`${module} ${owner}`);
  }

  /** Whether this flow is being brought. */
  isBrought(module: string, owner: string, party: string): boolean {
    return this.activeNow.has(`${module} ${owner} ${party}`);
  }

  /** What was being brought has arrived. */
  end(): void {
    this.activeNow.clear();
    this.index();
    this.revision++;
  }

  /** What was being brought has to be brought from the beginning. */
  again(): void {
    for (const key of this.activeNow) this.waitingNow.add(key);
    this.end();
  }

  /** What is to be written down, or undefined if it is written already. */
  unsaved(): OwedRecord | undefined {
    this.beingSaved = this.revision;
    if (this.revision === this.savedRevision) return undefined;
    return { policy: this.record.policy, flows: this.text() };
  }

  /** What {@link unsaved} gave last is written. */
  saved(): void {
    this.savedRevision = this.beingSaved;
  }

  text(): string {
    if (this.waitingNow.size + this.activeNow.size === 0) return '';
    return JSON.stringify([[...this.waitingNow], [...this.activeNow]]);
  }

  private index(): void {
    this.owners = new Set([...this.activeNow].map((key) => key.slice(0, key.lastIndexOf(' '))));
  }
}

function toFlow(key: string): OwedFlow {
  const [module = '', owner = '', party = ''] = key.split(' ');
  return { module, owner, party };
}

function read(text: string): readonly [readonly string[], readonly string[]] {
  if (text === '') return [[], []];
  return JSON.parse(text) as [string[], string[]];
}
