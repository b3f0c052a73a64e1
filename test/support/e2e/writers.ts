import http from 'node:http';
import { joinUrl, routingHeaders } from '../../../src/simulator/http/exchange.js';
import type { CpoSimulator } from '../../../src/simulator/index.js';
import { Random } from '../../../src/simulator/random.js';
import type { CatalogueEntry } from '../../../src/simulator/sender/catalogue.js';
import { itemsAt, memberOf, membersAt, stringMember } from '../../../src/simulator/wire/json-scan.js';
import { mergeObject, partOf, patchPart, putPart } from '../../../src/simulator/wire/merge.js';
import { fromWire, toWire } from '../../../src/simulator/wire/wire-text.js';
import { callHttp } from '../hub/http-call.js';
import type { Journal, WriteOutcome } from './journal.js';

/** One change that an owner of Locations may make. */
export interface Write {
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
    return inventWrite(this.journal.present(key), random, this.nextStamp());
  }

  private nextStamp(): string {
    this.stamp = Math.max(this.stamp + 1, Date.now());
    return new Date(this.stamp).toISOString();
  }
}

interface Case {
  readonly location: string;
  readonly uid: string;
  readonly random: Random;
  readonly stamp: string;
}

/** What an owner does next with a Location (wire text), by chance. @param stamp `last_updated` of the change */
export function inventWrite(location: string, random: Random, stamp: string): Write {
  const uid = random.pick(evsesOf(location).map(uidOf));
  const { kind } = pick(kinds, random);
  const write = kind({ location, uid, random, stamp });
  // Ids compare without case (D-01), so an owner may write them as it likes from one time to the next.
  return random.chance(0.1) ? { ...write, path: write.path.map((id) => id.toLowerCase()) } : write;
}

/** What owners do, and how often. */
const kinds: readonly { readonly weight: number; readonly kind: (given: Case) => Write }[] = [
  {
    weight: 60,
    kind: ({ location, uid, random, stamp }) =>
      patchEvse(location, uid, { status: random.pick(statuses), last_updated: stamp }, stamp),
  },
  {
    weight: 12,
    kind({ location, uid, random, stamp }) {
      const here_ext = { n: random.int(1, 99), off: null };
      const fields = { floor_level: `-${random.int(1, 9)}`, x_reading: random.int(1, 1e9), here_ext };
      return patchEvse(location, uid, { ...fields, last_updated: stamp }, stamp);
    },
  },
  {
    weight: 8,
    kind({ location, uid, random, stamp }) {
      const news = { status: random.pick(statuses), x_put: random.next(), last_updated: stamp };
      return put(location, [uid], mergeObject(partOf(location, [uid]) ?? '', json(news)), stamp);
    },
  },
  {
    weight: 5,
    kind({ location, random, stamp }) {
      const patch = json({ name: `Ørsted ${random.int(1, 1e6)}`, last_updated: stamp });
      return { method: 'PATCH', path: [], body: patch, after: mergeObject(location, patch) };
    },
  },
  {
    weight: 5,
    kind({ location, uid, random, stamp }) {
      const news = json({ max_amperage: random.int(6, 400), last_updated: stamp });
      return put(location, [uid, '1'], mergeObject(partOf(location, [uid, '1']) ?? '', news), stamp);
    },
  },
  {
    weight: 4,
    kind: ({ location, random, stamp }) =>
      whole(mergeObject(location, json({ address: `Straße ${random.int(1, 1e6)}`, last_updated: stamp }))),
  },
  {
    // An EVSE that its owner leaves out is gone.
    weight: 3,
    kind({ location, uid, stamp }) {
      const all = evsesOf(location);
      const left = all.length === 1 ? all : all.filter((evse) => uidOf(evse) !== uid);
      const list = memberOf(membersAt(location, 0) ?? [], 'evses') ?? { start: 0, end: 0 };
      const text = `${location.slice(0, list.start)}[${left.join(',')}]${location.slice(list.end)}`;
      return whole(mergeObject(text, json({ last_updated: stamp })));
    },
  },
  {
    weight: 3,
    kind({ location, uid, random, stamp }) {
      const fresh = `NEW-${random.int(1, 9)}`;
      const evse = mergeObject(partOf(location, [uid]) ?? '', json({ uid: fresh, last_updated: stamp }));
      return put(location, [fresh], evse, stamp);
    },
  },
];

function pick<T extends { readonly weight: number }>(items: readonly T[], random: Random): T {
  let rest = random.next() * items.reduce((sum, { weight }) => sum + weight, 0);
  for (const item of items) {
    rest -= item.weight;
    if (rest < 0) return item;
  }
  return random.pick(items);
}

const whole = (text: string): Write => ({ method: 'PUT', path: [], body: text, after: text });

function put(location: string, path: readonly string[], body: string, stamp: string): Write {
  return { method: 'PUT', path, body, after: changed(putPart(location, path, body, stamp)) };
}

function patchEvse(location: string, uid: string, fields: object, stamp: string): Write {
  const body = json(fields);
  return { method: 'PATCH', path: [uid], body, after: changed(patchPart(location, [uid], body, stamp)) };
}

const json = (fields: object): string => toWire(JSON.stringify(fields));

function evsesOf(location: string): string[] {
  const list = memberOf(membersAt(location, 0) ?? [], 'evses');
  return list ? (itemsAt(location, list.start) ?? []).map(({ start, end }) => location.slice(start, end)) : [];
}

const uidOf = (evse: string): string => stringMember(evse, membersAt(evse, 0) ?? [], 'uid') ?? '';

function changed(change: ReturnType<typeof patchPart>): string {
  if (change.kind === 'missing') throw new Error('the writer does not know what it patches');
  return change.text;
}
