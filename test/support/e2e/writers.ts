import http from 'node:http';
import { joinUrl, routingHeaders } from '../../../src/simulator/http/exchange.js';
import type { CpoSimulator } from '../../../src/simulator/index.js';
import { Random } from '../../../src/simulator/random.js';
import type { CatalogueEntry } from '../../../src/simulator/sender/catalogue.js';
import { itemsAt, memberOf, membersAt, stringMember } from '../../../src/simulator/wire/json-scan.js';
import { mergeObject, partOf, patchPart, putPart } from '../../../src/simulator/wire/merge.js';
import { fromWire, toWire } from '../../../src/simulator/wire/wire-text.js';
import { callHttp } from '../hub/index.js';
import type { Journal, WriteOutcome } from './journal.js';

interface Write {
  readonly method: 'PUT' | 'PATCH';
  readonly path: readonly string[];
  /** Wire text. */
  readonly body: string;
  /** The Location if it is taken. */
  readonly after: string;
}

const statuses = ['AVAILABLE', 'CHARGING', 'BLOCKED', 'RESERVED', 'OUTOFORDER', 'INOPERATIVE'];

/**
 * Several writers at a time, each with Locations of its own, who PUT and PATCH Locations, EVSEs and Connectors without a pause
 * and keep a journal. Repeatable by seed but for the answers.
 */
export class Writers {
  /** Answers that were no acknowledgement, by their codes. */
  readonly refusals: Record<string, number> = {};
  /** Requests that were on their way and got no answer, by the error. */
  readonly broken: Record<string, number> = {};
  private readonly agent = new http.Agent({ keepAlive: true });
  private running = false;
  private done: Promise<unknown> = Promise.resolve();
  private stamp = 0;

  constructor(
    private readonly cpo: CpoSimulator,
    private readonly journal: Journal,
    private readonly seed: string,
    private readonly count = 8,
  ) {}

  /** Begins; each writer ends by itself when the hub cannot be reached any more. */
  start(): void {
    this.running = true;
    const all = this.cpo.catalogue.list('locations');
    this.done = Promise.all(
      Array.from({ length: this.count }, (_, index) => {
        const own = all.filter((_entry, position) => position % this.count === index);
        return this.work(own, new Random(`${this.seed}/${index}`));
      }),
    );
  }

  /** Resolves once every writer has its last answer, or has lost it. */
  async stop(): Promise<void> {
    this.running = false;
    await this.done;
    this.agent.destroy();
  }

  private async work(own: readonly CatalogueEntry[], random: Random): Promise<void> {
    while (this.running) {
      const entry = random.pick(own);
      const key = this.cpo.catalogue.keyOf(entry).replace('locations/', '');
      const write = this.invent(key, random);
      const intent = this.journal.intend(
        key,
        `${write.method} ${write.path.join('/')} ${fromWire(write.body).slice(0, 120)}`,
        write.after,
      );
      const outcome = await this.send(entry, write);
      this.journal.settle(intent, outcome);
    }
  }

  private async send(entry: CatalogueEntry, { method, path, body }: Write): Promise<WriteOutcome> {
    const { owner, id } = entry;
    const { link } = this.cpo;
    const url = joinUrl(link.endpoint('locations', 'RECEIVER') ?? '', owner.country_code, owner.party_id, id, ...path);
    try {
      const answer = await callHttp(method, url, {
        token: link.peer?.outboundToken ?? '',
        headers: Object.fromEntries(routingHeaders(link.peerParty(), owner)),
        body: Buffer.from(body, 'latin1'),
        agent: this.agent,
      });
      const { status_code, status_message } = answer.body;
      if (answer.status < 300 && status_code === 1000) return 'ok';
      this.refused(`${answer.status}/${status_code} ${status_message}`);
      // An answer of failure promises nothing either way only if the hub itself failed.
      return answer.status === 503 || status_code < 3000 ? 'fail' : 'unknown';
    } catch (error) {
      const { code = String(error) } = error as { code?: string };
      this.running = false;
      if (code === 'ECONNREFUSED') return 'fail';
      this.broken[code] = (this.broken[code] ?? 0) + 1;
      return 'unknown';
    }
  }

  private refused(reason: string): void {
    this.refusals[reason] = (this.refusals[reason] ?? 0) + 1;
  }

  private invent(key: string, random: Random): Write {
    const before = this.journal.present(key);
    const stamp = this.nextStamp();
    const evses = evsesOf(before);
    const uid = random.pick(evses);
    const dice = random.next();
    if (dice < 0.6) {
      const patch = json({ status: random.pick(statuses), last_updated: stamp });
      return { method: 'PATCH', path: [uid], body: patch, after: changed(patchPart(before, [uid], patch, stamp)) };
    }
    if (dice < 0.75) {
      const fields = {
        floor_level: `-${random.int(1, 9)}`,
        x_reading: random.int(1, 1e9),
        here_ext: { n: random.int(1, 99), off: null },
      };
      const patch = json({ ...fields, last_updated: stamp });
      return { method: 'PATCH', path: [uid], body: patch, after: changed(patchPart(before, [uid], patch, stamp)) };
    }
    if (dice < 0.85) {
      const evse = mergeObject(
        partOf(before, [uid]) ?? '',
        json({ status: random.pick(statuses), x_put: random.next(), last_updated: stamp }),
      );
      return { method: 'PUT', path: [uid], body: evse, after: changed(putPart(before, [uid], evse, stamp)) };
    }
    if (dice < 0.92) {
      const patch = json({ name: `Ørsted ${random.int(1, 1e6)}`, last_updated: stamp });
      return { method: 'PATCH', path: [], body: patch, after: mergeObject(before, patch) };
    }
    if (dice < 0.96) {
      const connector = mergeObject(
        partOf(before, [uid, '1']) ?? '',
        json({ max_amperage: random.int(6, 400), last_updated: stamp }),
      );
      return {
        method: 'PUT',
        path: [uid, '1'],
        body: connector,
        after: changed(putPart(before, [uid, '1'], connector, stamp)),
      };
    }
    const whole = mergeObject(before, json({ address: `Straße ${random.int(1, 1e6)}`, last_updated: stamp }));
    return { method: 'PUT', path: [], body: whole, after: whole };
  }

  private nextStamp(): string {
    this.stamp = Math.max(this.stamp + 1, Date.now());
    return new Date(this.stamp).toISOString();
  }
}

const json = (fields: object): string => toWire(JSON.stringify(fields));

function evsesOf(location: string): string[] {
  const list = memberOf(membersAt(location, 0) ?? [], 'evses');
  const items = list ? (itemsAt(location, list.start) ?? []) : [];
  return items.map((item) => stringMember(location, membersAt(location, item.start) ?? [], 'uid') ?? '');
}

function changed(change: ReturnType<typeof patchPart>): string {
  if (change.kind === 'missing') throw new Error('the writer does not know what it patches');
  return change.text;
}
