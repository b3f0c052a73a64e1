import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { joinUrl, routingHeaders } from '../../../src/simulator/http/exchange.js';
import type { CpoSimulator } from '../../../src/simulator/index.js';
import { Random } from '../../../src/simulator/random.js';
import { membersAt, stringMember } from '../../../src/simulator/wire/json-scan.js';
import { inventWrite, type Write } from '../../support/e2e/writers.js';
import { callHttp } from '../../support/hub/http-call.js';
import type { JournalFile, Outcome } from './journal-file.js';

export interface DriverOptions {
  readonly cpo: CpoSimulator;
  readonly journal: JournalFile;
  readonly seed: string;
  /** Writers at a time; each has Locations of its own. */
  readonly writers?: number;
  /** Writes a second of all writers together; as fast as it goes if nothing is said. */
  readonly rate?: number;
  /** Origins to which requests may go now. */
  readonly origins: () => readonly string[];
  /** Whether a 503 certainly means "not stored". */
  readonly refusalsAreFinal?: boolean;
  /** How long an answer may take, ms. */
  readonly timeoutMs?: number;
}

interface Place {
  readonly key: string;
  readonly path: readonly string[];
  /** Its state as far as the driver knows. */
  text: string;
}

/**
 * Writers who PUT and PATCH Locations, EVSEs and Connectors and keep a journal: each intent is on disk before its request
 * leaves. What gets no answer is sent again until it gets one, as an owner would. Repeatable by seed but for the answers.
 */
export class Driver {
  acks = 0;
  unknown = 0;
  /** Acknowledgements by the node they came from. */
  readonly acksBy = new Map<string, number>();
  /** Answers that were no acknowledgement, by their codes. */
  readonly refusals: Record<string, number> = {};
  /** Requests without an answer, by the error. */
  readonly broken: Record<string, number> = {};
  /** When the last acknowledgement came, monotonic ms. */
  lastAck = 0;
  /** Times from request to acknowledgement since they were last taken, ms. */
  latencies: number[] = [];
  /** When writes were acknowledged, wall clock, by their `last_updated`; only while this is a map. */
  ackedAt: Map<string, number> | undefined;
  /** Answers 429 and 503 that did not say when to come again. */
  withoutRetryAfter = 0;
  /** Where the next requests go in turn. */
  private turn = 0;
  private next = 1;
  private stamp = 0;
  private running = false;
  private done: Promise<unknown> = Promise.resolve();
  private agent = new http.Agent({ keepAlive: true });
  private readonly places: readonly Place[];
  private readonly randoms: readonly Random[];

  constructor(private readonly options: DriverOptions) {
    const { cpo, seed, writers = 8 } = options;
    this.places = cpo.catalogue.list('locations').map((entry) => ({
      key: cpo.catalogue.keyOf(entry),
      path: [entry.owner.country_code, entry.owner.party_id, entry.id],
      text: entry.text,
    }));
    this.randoms = Array.from({ length: writers }, (_, index) => new Random(`${seed}/${index}`));
  }

  /** Goes on. */
  resume(): void {
    if (this.running) return;
    this.running = true;
    const { length } = this.randoms;
    this.done = Promise.all(
      this.randoms.map((random, index) => {
        const own = this.places.filter((_place, position) => position % length === index);
        return own.length === 0 ? undefined : this.work(own, random);
      }),
    );
  }

  /** Goes on; resolves when the first of its writes from now on is acknowledged. */
  async begun(): Promise<void> {
    const { acks } = this;
    this.resume();
    while (this.acks === acks) await delay(2);
  }

  /** Resolves when nothing is under way any more. */
  async pause(): Promise<void> {
    this.running = false;
    await this.done;
    // Connections to a node that is gone are of no more use.
    this.agent.destroy();
    this.agent = new http.Agent({ keepAlive: true });
    await this.options.journal.flush();
  }

  /** Learns what is stored. */
  know(texts: ReadonlyMap<string, string>): void {
    for (const place of this.places) place.text = texts.get(place.key) ?? place.text;
  }

  private async work(own: readonly Place[], random: Random): Promise<void> {
    const { rate } = this.options;
    const everyMs = rate === undefined ? 0 : (1000 * this.randoms.length) / rate;
    let due = performance.now() + random.next() * everyMs;
    while (this.running) {
      if (everyMs > 0) {
        due = Math.max(due + everyMs, performance.now() - 1_000);
        const wait = due - performance.now();
        if (wait > 0) await delay(wait);
        if (!this.running) return;
      }
      const place = random.pick(own);
      await this.bringHome(place, inventWrite(place.text, random, this.nextStamp()));
    }
  }

  /** Sends a write until it is answered for good. */
  private async bringHome(place: Place, write: Write): Promise<void> {
    for (let attempt = 0; this.running || attempt === 0; attempt++) {
      const outcome = await this.attempt(place, write);
      if (outcome === 'ok') place.text = write.after;
      if (outcome !== 'again') return;
      await delay(Math.min(10 * 2 ** attempt, 100));
    }
  }

  private async attempt(place: Place, write: Write): Promise<'ok' | 'no' | 'again'> {
    const { journal, origins, refusalsAreFinal = true } = this.options;
    const targets = origins();
    const origin = targets[this.turn++ % targets.length];
    if (origin === undefined) return 'again';
    const n = this.next++;
    const { method: m, path: p, body: b } = write;
    await journal.secure({ t: 'intent', n, k: place.key, m, p, b, s: stampIn(b), at: Date.now() });
    const settle = (r: Outcome, why?: string): void =>
      journal.note({ t: 'outcome', n, r, ...(why === undefined ? {} : { why }), at: Date.now() });
    const startedAt = performance.now();
    try {
      const answer = await this.send(origin, place, write);
      const { status_code, status_message } = answer.body;
      if (answer.status < 300 && status_code === 1000) {
        this.acks += 1;
        this.acksBy.set(origin, (this.acksBy.get(origin) ?? 0) + 1);
        this.lastAck = performance.now();
        this.latencies.push(this.lastAck - startedAt);
        this.ackedAt?.set(stampIn(b), Date.now());
        settle('ok');
        return 'ok';
      }
      const why = `${answer.status}/${status_code} ${status_message ?? ''}`.trim();
      this.refusals[why] = (this.refusals[why] ?? 0) + 1;
      const isPassing = answer.status >= 500 || answer.status === 429;
      if (isPassing && answer.headers['retry-after'] === undefined) this.withoutRetryAfter += 1;
      settle(answer.status >= 500 && !refusalsAreFinal ? 'unknown' : 'fail', why);
      return isPassing ? 'again' : 'no';
    } catch (error) {
      const { code = String(error) } = error as { code?: string };
      if (code === 'ECONNREFUSED') settle('fail', code);
      else {
        this.unknown += 1;
        this.broken[code] = (this.broken[code] ?? 0) + 1;
        settle('unknown', code);
      }
      return 'again';
    }
  }

  private async send(
    origin: string,
    place: Place,
    { method, path, body }: Write,
  ): Promise<Awaited<ReturnType<typeof callHttp>>> {
    const { cpo, timeoutMs = 15_000 } = this.options;
    const { pathname } = new URL(cpo.link.endpoint('locations', 'RECEIVER') ?? '');
    const [country_code = '', party_id = ''] = place.path;
    const call = callHttp(method, joinUrl(origin + pathname, ...place.path, ...path), {
      token: cpo.link.peer?.outboundToken ?? '',
      headers: Object.fromEntries(routingHeaders(cpo.link.peerParty(), { country_code, party_id })),
      body: Buffer.from(body, 'latin1'),
      agent: this.agent,
    });
    const late = new AbortController();
    try {
      return await Promise.race([
        call,
        delay(timeoutMs, undefined, { signal: late.signal }).then(() => {
          throw Object.assign(new Error('no answer in time'), { code: 'TIMEOUT' });
        }),
      ]);
    } finally {
      late.abort();
      call.catch(() => undefined);
    }
  }

  private nextStamp(): string {
    this.stamp = Math.max(this.stamp + 1, Date.now());
    return new Date(this.stamp).toISOString();
  }
}

const stampIn = (body: string): string => stringMember(body, membersAt(body, 0) ?? [], 'last_updated') ?? '';
