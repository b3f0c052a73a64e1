import { randomUUID } from 'node:crypto';
import { newMessageId } from '../../../kernel/message-ids.js';
import { type PartyRef, partyKey } from '../../../kernel/party-ref.js';
import type { SecretKeys } from '../../partners/index.js';
import type { WorkQueue } from '../../queue/index.js';
import type { PartnerBook, Reached, RouteCandidate } from '../../routing/index.js';
import { ForwardFailure } from '../forward-failure.js';
import type { ForwardedAnswer, Forwards } from '../forwarding-types.js';
import type { CallbackRow, CallbackStore } from './callback-store.js';

export interface ResultDeliveryOptions {
  readonly store: CallbackStore;
  readonly ring: SecretKeys['ring'];
  readonly forwards: Pick<Forwards, 'forward'>;
  readonly partners: Pick<PartnerBook, 'byId' | 'outboundToken'>;
  readonly queue: WorkQueue;
  readonly works?: boolean;
  readonly onDropped: (result: DroppedResult) => void;
  /** Before the second and the third try, ms. */
  readonly pausesMs?: readonly [number, number];
}

/** A result on its way back. */
export interface Result {
  /** As the receiver of the command sent it: bare (CMD-05), or wrapped by who knows no better. */
  readonly body: Buffer;
  /** Who did what was asked. */
  readonly from: PartyRef;
  readonly correlationId: string;
}

/** A result that nobody will get any more. */
export interface DroppedResult {
  readonly partnerId: string;
  readonly module: string;
  readonly command: string;
  /** `FR/EM1`: for whom it was. */
  readonly party: string;
  readonly correlationId: string;
  readonly tries: number;
  readonly reason: string;
}

/** How one try ended; without an answer the originator has not got it, as far as we know. */
export interface Handed {
  readonly candidate: RouteCandidate;
  readonly answer: ForwardedAnswer | undefined;
  /** Whether it needs no further try. */
  readonly delivered: boolean;
}

const second = 1000;
const mostTries = 3;
const defaultPauses = [5 * second, 20 * second] as const;
/** How long a try may take before another node may make the next, ms. */
const busyMs = 60 * second;

/** ST-11 for an answer that was passed on; what was too long to look into counts by its HTTP status. */
export function isSuccess({ httpStatus, statusCode }: ForwardedAnswer): boolean {
  const fine = statusCode === undefined || (statusCode >= 1000 && statusCode < 2000);
  return httpStatus >= 200 && httpStatus < 300 && fine;
}

/**
 * Brings results to the URLs that were asked for: at once if possible, else three times in all within the time that the result is good
 * for. A result that waits is kept sealed in the database; the queue only wakes.
 */
export class ResultDelivery {
  constructor(private readonly options: ResultDeliveryOptions) {
    if (options.works ?? true) options.queue.process('callback', (id) => this.tryAgain(id), { concurrency: 4 });
  }

  /** One try. TO is who asked, FROM who did it, the token is ours for the platform that asked. */
  async hand(row: CallbackRow, { body, from, correlationId }: Result): Promise<Handed> {
    const { partners, forwards, ring } = this.options;
    const originator = partyOf(row.originator);
    const candidate: RouteCandidate = {
      party: partyKey(originator),
      partnerId: row.originator_partner,
      why: 'who asked for it',
    };
    const partner = partners.byId(row.originator_partner);
    const token = partners.outboundToken(row.originator_partner);
    if (partner?.status !== 'CONNECTED' || partner.unregisteredAt !== undefined || token === undefined)
      return {
        candidate: { ...candidate, why: `not connected (${partner?.status ?? 'gone'})` },
        answer: undefined,
        delivered: false,
      };
    const url = ring.open(row.url, { owner: row.originator_partner, purpose: 'response_url' });
    const [base = url, ...query] = url.split('?');
    const receiver: Reached = { kind: 'reached', party: originator, partner, url: base, token };
    try {
      const answer = await forwards.forward(
        {
          method: 'POST',
          module: row.module,
          interfaceRole: 'SENDER',
          path: '',
          query: query.join('?'),
          body,
          caller: partners.byId(row.receiver_partner) ?? partner,
          from,
          to: originator,
          ids: { requestId: newMessageId(), correlationId },
        },
        receiver,
        { whole: true },
      );
      const { requestId, httpStatus, statusCode, durationMs } = answer;
      candidate.leg = { requestId, httpStatus, statusCode, outcome: 'answered', durationMs };
      return { candidate, answer, delivered: true };
    } catch (error) {
      if (!(error instanceof ForwardFailure)) throw error;
      const { requestId, httpStatusOfReceiver, outcome, durationMs } = error;
      candidate.leg = { requestId, httpStatus: httpStatusOfReceiver, statusCode: undefined, outcome, durationMs };
      // Whoever answers 2xx has it, even with nothing in the body (204).
      const has = httpStatusOfReceiver !== undefined && httpStatusOfReceiver >= 200 && httpStatusOfReceiver < 300;
      return { candidate, answer: undefined, delivered: has };
    }
  }

  /** Takes a result over that was tried once. Resolves when it is durable. */
  async keep(row: CallbackRow, { body, from, correlationId }: Result): Promise<void> {
    const { store, ring, queue } = this.options;
    const id = randomUUID();
    const dueInMs = this.pauseAfter(1);
    await store.keep(
      {
        id,
        callback: row.id,
        body: ring.seal(body.toString('base64'), { owner: row.originator_partner, purpose: 'result' }),
        responder: `${from.country_code}/${from.party_id}`,
        correlation_id: correlationId,
      },
      dueInMs,
    );
    queue.add('callback', id, { delayMs: dueInMs });
  }

  /** Wakes what is due: a wake-up may have been lost with its process. */
  async wakeDue(): Promise<void> {
    const { store, queue } = this.options;
    for (const id of await store.due()) queue.add('callback', id, { here: true });
  }

  private pauseAfter(tries: number): number {
    return (this.options.pausesMs ?? defaultPauses)[tries - 1] ?? 0;
  }

  private async tryAgain(id: string): Promise<void> {
    const { store, ring, queue, onDropped } = this.options;
    const kept = await store.take(id, busyMs);
    // Too early, done, or another node is at it.
    if (!kept) return;
    const row = await store.find(kept.callback);
    if (!row) return store.drop(id);
    const drop = async (reason: string, tries = kept.tries): Promise<void> => {
      await store.drop(id);
      onDropped({
        partnerId: row.originator_partner,
        module: row.module,
        command: row.command,
        party: row.originator,
        correlationId: kept.correlation_id,
        tries,
        reason,
      });
    };
    if (kept.ms_left <= 0) return drop('too late', kept.tries - 1);
    const body = ring.open(kept.body, { owner: row.originator_partner, purpose: 'result' });
    const result = {
      body: Buffer.from(body, 'base64'),
      from: partyOf(kept.responder),
      correlationId: kept.correlation_id,
    };
    const { candidate, delivered } = await this.hand(row, result);
    if (delivered) return store.drop(id);
    if (kept.tries >= mostTries) return drop(`no answer (${candidate.leg?.outcome ?? candidate.why})`);
    const dueInMs = this.pauseAfter(kept.tries);
    if (dueInMs >= kept.ms_left) return drop('too late');
    await store.postpone(id, dueInMs);
    queue.add('callback', id, { delayMs: dueInMs });
  }
}

/** Two letters, a slash, and the rest. */
function partyOf(text: string): PartyRef {
  return { country_code: text.slice(0, 2), party_id: text.slice(3) };
}
