import { Random } from '../random.js';
import { type Fault, type FaultKind, formatFault, isPageFault } from './fault.js';

/** What a fault may depend on. */
export interface FaultSubject {
  method: string;
  /** True for versions and credentials, false for functional modules. */
  configuration: boolean;
  /** The object addressed, for faults that concern a share of the objects. */
  objectKey: string;
}

/** The faults in force at one simulator, and how often each struck. Random by seed, so a run can be repeated. */
export class FaultBox {
  readonly hits: Partial<Record<FaultKind, number>> = {};
  private faults: Fault[] = [];
  private readonly random: Random;

  constructor(private readonly seed: number) {
    this.random = new Random(seed);
  }

  /** Replaces all faults. */
  set(faults: readonly Fault[]): void {
    this.faults = [...faults];
  }

  /** The faults in force. */
  active(): readonly Fault[] {
    return this.faults;
  }

  /** The faults in force, as text. */
  list(): string[] {
    return this.faults.map(formatFault);
  }

  /** Milliseconds to wait: before the request is applied (`late`) or before it is answered (`slow`). */
  delay(kind: 'slow' | 'late', subject: FaultSubject): number {
    if (this.faults.length === 0) return 0;
    const fault = this.faults.find((f) => f.kind === kind && this.strikes(f, subject));
    return fault === undefined ? 0 : (this.hit(fault).number ?? 1000);
  }

  /** The fault that spoils the answer to this request, if one strikes. */
  answerFault(subject: FaultSubject): Fault | undefined {
    if (this.faults.length === 0) return undefined;
    const fault = this.faults.find(
      (f) =>
        !isPageFault(f.kind) && f.kind !== 'slow' && f.kind !== 'late' && f.kind !== 'dead' && this.strikes(f, subject),
    );
    return fault === undefined ? undefined : this.hit(fault);
  }

  /** The fault of this kind for the page being served, if it strikes. */
  pageFault(kind: FaultKind): Fault | undefined {
    const fault = this.faults.find((f) => f.kind === kind && this.random.next() < f.share);
    return fault === undefined ? undefined : this.hit(fault);
  }

  private strikes(fault: Fault, subject: FaultSubject): boolean {
    if (fault.on !== 'all' && (fault.on === 'configuration') !== subject.configuration) return false;
    if (fault.methods !== undefined && !fault.methods.includes(subject.method)) return false;
    if (fault.kind === 'patch404') return subject.method === 'PATCH' && this.random.next() < fault.share;
    if (fault.kind === 'reject2001') {
      // Not the hash itself: those of keys that differ in their last digits lie close together.
      return subject.objectKey !== '' && new Random(`${this.seed}/${subject.objectKey}`).next() < fault.share;
    }
    return this.random.next() < fault.share;
  }

  private hit(fault: Fault): Fault {
    this.hits[fault.kind] = (this.hits[fault.kind] ?? 0) + 1;
    return fault;
  }
}
