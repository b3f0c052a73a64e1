import type { Clock } from '../../kernel/clock.js';
import { newMessageId } from '../../kernel/message-ids.js';
import { OcpiError } from '../../kernel/ocpi-error.js';
import { crawl, dataText, type OutboundClient } from '../../platform/outbound/index.js';
import type { Partner, PartnerDirectory } from '../../platform/partners/index.js';
import type { SchemaRegistry } from '../../platform/schema/index.js';
import { isHub } from './client-info-operations.js';
import { readTold } from './read-told.js';
import type { RemotePartyBook, Told } from './remote-party-book.js';
import { mostPerHub } from './remote-party-store.js';

export interface RemotePartyPullOptions {
  readonly client: OutboundClient;
  readonly directory: Pick<PartnerDirectory, 'all' | 'byId' | 'endpoint' | 'outboundToken'>;
  readonly book: Pick<RemotePartyBook, 'take'>;
  readonly schemas: Pick<SchemaRegistry, 'validate'>;
  readonly clock: Clock;
  readonly maxAheadMs: number;
  /** Whether this node may pull now; one does at a time. */
  readonly mayPull: () => Promise<boolean>;
  /** Told how each reading ended. */
  readonly onPulled: (pulled: PulledHub) => void;
}

export interface PulledHub {
  readonly partnerId: string;
  readonly outcome: 'complete' | 'stopped';
  readonly parties: number;
  /** Objects that the rules refuse. */
  readonly refused: number;
  readonly detail?: string;
}

const everyMs = 3_600_000;
const firstRetryMs = 30_000;
/** A hub opens its modules to us only after it has our answer. */
const settlingMs = 1_000;
const pageSize = 250;

interface Schedule {
  dueAt: number;
  failures: number;
}

/**
 * Reads the ClientInfo lists of partners that are hubs: at the start, after registration and each hour, for what their pushes
 * may have missed (H-01). A complete list replaces what its hub said before; one that stopped or held anything unreadable only adds.
 */
export class RemotePartyPull {
  private readonly schedules = new Map<string, Schedule>();

  constructor(private readonly options: RemotePartyPullOptions) {}

  /** A partner has registered or renewed its tokens. */
  registered(partnerId: string): void {
    this.schedules.set(partnerId, { dueAt: this.options.clock.now() + settlingMs, failures: 0 });
  }

  /** Reads what is due. To be called now and then. */
  async tick(signal: AbortSignal): Promise<void> {
    if (!(await this.options.mayPull())) return;
    const now = this.options.clock.now();
    const due = this.options.directory
      .all()
      .filter((partner) => this.urlOf(partner) !== undefined && this.scheduleOf(partner.id).dueAt <= now);
    for (const partner of due) if (!signal.aborted) await this.read(partner, signal);
  }

  private scheduleOf(partnerId: string): Schedule {
    let schedule = this.schedules.get(partnerId);
    if (!schedule) {
      schedule = { dueAt: 0, failures: 0 };
      this.schedules.set(partnerId, schedule);
    }
    return schedule;
  }

  /** Where the list is, if the partner is to be asked at all (H-10). */
  private urlOf(partner: Partner): string | undefined {
    if (!isHub(partner) || partner.status !== 'CONNECTED' || !partner.switches.pull) return undefined;
    return this.options.directory.endpoint(partner, 'hubclientinfo', 'SENDER');
  }

  private async read(partner: Partner, signal: AbortSignal): Promise<void> {
    const { clock, onPulled } = this.options;
    const schedule = this.scheduleOf(partner.id);
    const pulled = await this.readList(partner, signal);
    schedule.failures = pulled.outcome === 'complete' ? 0 : schedule.failures + 1;
    const pause = schedule.failures === 0 ? everyMs : firstRetryMs * 2 ** (schedule.failures - 1);
    schedule.dueAt = clock.now() + Math.min(everyMs, pause);
    onPulled(pulled);
  }

  private async readList(partner: Partner, signal: AbortSignal): Promise<PulledHub> {
    const { book, client, clock, directory } = this.options;
    const url = this.urlOf(partner);
    const token = directory.outboundToken(partner.id);
    const result = (rest: Pick<PulledHub, 'outcome'> & Partial<PulledHub>): PulledHub => ({
      partnerId: partner.id,
      parties: told.length,
      refused,
      ...rest,
    });
    const told: Told[] = [];
    let refused = 0;
    if (url === undefined || token === undefined) return result({ outcome: 'stopped', detail: 'it cannot be called' });
    const since = clock.now();
    const end = await crawl(
      client,
      {
        firstUrl: firstUrl(url),
        maxPages: mostPerHub,
        token,
        tokenForm: partner.switches.outbound_raw ? 'raw' : 'base64',
        origins: partner.origins,
        correlationId: newMessageId(),
        signal,
      },
      (page) => {
        const items = listOf(dataText(page));
        if (!items) refused++;
        for (const item of items ?? []) {
          const one = this.judged(item);
          if (one) told.push(one);
          else refused++;
        }
        return told.length + refused < mostPerHub;
      },
    );
    const complete = end.ended === 'complete';
    try {
      // Of an unreadable object nobody knows whose it is: nothing is forgotten for its absence.
      await book.take(partner, told, complete && refused === 0 ? { since } : undefined);
    } catch (error) {
      if (!(error instanceof OcpiError)) throw error;
      return result({ outcome: 'stopped', detail: error.statusMessage });
    }
    return complete ? result({ outcome: 'complete' }) : result({ outcome: 'stopped', detail: end.reason });
  }

  private judged(item: unknown): Told | undefined {
    const { clock, maxAheadMs, schemas } = this.options;
    try {
      return readTold(item, { schemas, latest: clock.now() + maxAheadMs });
    } catch (error) {
      if (error instanceof OcpiError) return undefined;
      throw error;
    }
  }
}

/** Undefined if `data` is no list. */
function listOf(data: string | undefined): readonly unknown[] | undefined {
  if (data === undefined) return undefined;
  try {
    const list: unknown = JSON.parse(data);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

function firstUrl(endpoint: string): string {
  const url = new URL(endpoint);
  url.searchParams.set('offset', '0');
  url.searchParams.set('limit', String(pageSize));
  return url.href;
}
