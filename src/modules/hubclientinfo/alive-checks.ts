import type { Clock } from '../../kernel/clock.js';
import { isSuccess, type OutboundOutcome, type OutboundRequest } from '../../platform/outbound/index.js';
import type { Partner, PartnerDirectory, PartnerRegistry } from '../../platform/partners/index.js';

export interface AliveChecksOptions {
  readonly directory: Pick<PartnerDirectory, 'all' | 'byId' | 'lastSeenAt' | 'outboundToken'>;
  readonly registry: Pick<PartnerRegistry, 'setStatus'>;
  readonly client: { send(request: OutboundRequest): Promise<OutboundOutcome> };
  readonly clock: Clock;
  /** How long a partner may be silent before it is checked, ms (H-08). */
  readonly silentMs: number;
  /** Whether this node may check now; one does at a time. */
  readonly mayCheck: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** Between the first failed check and the second, and between checks of who is away at first, ms. */
const againMs = 30_000;
/** Between checks of who is away for long, ms. */
const longestPauseMs = 300_000;
/** So many checks in a row have to fail (H-19, A-39). */
const failuresToBelieve = 2;
const checksAtOnce = 20;

/** What is known of one partner besides the directory. */
interface Watch {
  /** No check before, ms since the epoch. */
  nextAt: number;
  /** Checks in a row that failed; they count as long as it was not heard of since the last. */
  failures: number;
  /** When the last of them ended, ms since the epoch. */
  failedAt: number;
  pauseMs: number;
  /** Whoever is heard of from here on is back, ms since the epoch; undefined unless it is OFFLINE. */
  awaySince: number | undefined;
  checking: boolean;
}

type Verdict = 'alive' | 'dead' | 'unclear';

/**
 * Finds out who is there: a partner that was silent for too long is asked for its versions, twice before it counts as OFFLINE; any sign
 * of life, or one good answer, makes it CONNECTED again (H-08, H-09, A-39). While it is OFFLINE it is sent nothing but this (H-10).
 *
 * What OFFLINE means for routing, lanes and ClientInfo others read from the partner's status. Spec: 2.2.1 §15.2.3.
 */
export class AliveChecks {
  private readonly watches = new Map<string, Watch>();
  /** When partners showed life otherwise than by calling: they answered. ms since the epoch */
  private readonly answered = new Map<string, number>();

  constructor(private readonly options: AliveChecksOptions) {}

  /** A partner has answered something: a push, a pull, a forwarded message. */
  heard(partnerId: string): void {
    this.answered.set(partnerId, this.options.clock.now());
  }

  /** Makes partners CONNECTED that were heard of since they were OFFLINE. To be called each second, on every node. */
  async bringBack(): Promise<void> {
    const { clock, directory, registry } = this.options;
    const partners = directory.all();
    for (const partner of partners) {
      if (partner.status !== 'OFFLINE') {
        const watch = this.watches.get(partner.id);
        if (watch && !watch.checking) watch.awaySince = undefined;
        continue;
      }
      const watch = this.watchOf(partner.id);
      watch.awaySince ??= clock.now();
      if (this.heardAt(partner) >= watch.awaySince)
        await registry.setStatus(partner.id, 'CONNECTED', 'it was heard of');
    }
    for (const map of [this.watches, this.answered])
      for (const id of map.keys()) if (!directory.byId(id)) map.delete(id);
  }

  /** Checks whoever is due. To be called each second. */
  async tick(): Promise<void> {
    if (!(await this.options.mayCheck())) return;
    const now = this.options.clock.now();
    const due = this.options.directory.all().filter((partner) => this.isDue(partner, now));
    await Promise.all(due.slice(0, checksAtOnce).map((partner) => this.check(partner)));
  }

  /**
   * Nothing has reached a partner for a quarter of an hour: it is checked at once, and one failure is enough now. Whoever was heard of
   * lately is there, whatever became of what it was sent; else a partner that answers some things and fails at others would go to and fro
   * (H-19).
   */
  async suspect(partnerId: string): Promise<void> {
    const { clock, directory, silentMs } = this.options;
    const partner = directory.byId(partnerId);
    if (partner?.status !== 'CONNECTED' || clock.now() - this.heardAt(partner) < silentMs) return;
    const watch = this.watchOf(partnerId);
    if (watch.checking) return;
    watch.failures = failuresToBelieve - 1;
    watch.failedAt = clock.now();
    await this.check(partner);
  }

  private heardAt(partner: Partner): number {
    return Math.max(
      this.options.directory.lastSeenAt(partner.id) ?? 0,
      this.answered.get(partner.id) ?? 0,
      // In a handshake each side calls the other.
      partner.credentialsAt,
    );
  }

  private isDue(partner: Partner, now: number): boolean {
    const { directory, silentMs } = this.options;
    if (partner.unregisteredAt !== undefined || directory.outboundToken(partner.id) === undefined) return false;
    const watch = this.watchOf(partner.id);
    if (watch.checking || now < watch.nextAt) return false;
    if (partner.status === 'OFFLINE') return true;
    return partner.status === 'CONNECTED' && now - this.heardAt(partner) >= silentMs;
  }

  private watchOf(partnerId: string): Watch {
    let watch = this.watches.get(partnerId);
    if (!watch) {
      watch = {
        nextAt: 0,
        failures: 0,
        failedAt: 0,
        pauseMs: againMs,
        awaySince: undefined,
        checking: false,
      };
      this.watches.set(partnerId, watch);
    }
    return watch;
  }

  private async check(partner: Partner): Promise<void> {
    const { clock, directory, registry } = this.options;
    const watch = this.watchOf(partner.id);
    watch.checking = true;
    const startedAt = clock.now();
    try {
      const verdict = judge(await this.ask(partner), partner);
      const now = clock.now();
      const known = directory.byId(partner.id);
      if (!known) return;
      if (verdict === 'alive') {
        this.heard(partner.id);
        Object.assign(watch, { failures: 0, pauseMs: againMs, nextAt: 0 });
        await registry.setStatus(partner.id, 'CONNECTED', 'it answers');
        return;
      }
      if (verdict === 'unclear') {
        watch.nextAt = now + againMs;
        return;
      }
      // Whoever has called or registered anew since the last failure, perhaps during this very check, begins anew.
      watch.failures = this.heardAt(known) < watch.failedAt ? watch.failures + 1 : 1;
      watch.failedAt = now;
      watch.pauseMs = known.status === 'OFFLINE' ? Math.min(longestPauseMs, watch.pauseMs * 2) : againMs;
      watch.nextAt = now + watch.pauseMs;
      if (known.status !== 'CONNECTED' || watch.failures < failuresToBelieve) return;
      // A call from here on is news, also if it comes before the status is written.
      watch.awaySince = startedAt;
      await registry.setStatus(partner.id, 'OFFLINE', 'it does not answer');
    } finally {
      watch.checking = false;
    }
  }

  private ask(partner: Partner): Promise<OutboundOutcome> {
    return this.options.client.send({
      method: 'GET',
      url: partner.versionsUrl,
      token: this.options.directory.outboundToken(partner.id) ?? '',
      tokenForm: partner.switches.outbound_raw ? 'raw' : 'base64',
      origins: partner.origins,
      profile: 'handshake',
      signal: this.options.signal,
    });
  }
}

/** `unclear`: that was our own doing, or it has too much to do: it is asked again. */
function judge(outcome: OutboundOutcome, partner: Partner): Verdict {
  switch (outcome.kind) {
    case 'answered': {
      if (outcome.httpStatus === 429) return 'unclear';
      const bare = !outcome.envelope && outcome.httpStatus >= 200 && outcome.httpStatus < 300;
      return isSuccess(outcome) || (bare && partner.switches.lenient_envelope) ? 'alive' : 'dead';
    }
    case 'refused':
      return outcome.reason === 'closed' || outcome.reason === 'withdrawn' ? 'unclear' : 'dead';
    case 'unreachable':
      return outcome.reason === 'aborted' || outcome.reason === 'busy' ? 'unclear' : 'dead';
    case 'ambiguous':
      return outcome.reason === 'aborted' ? 'unclear' : 'dead';
  }
}
