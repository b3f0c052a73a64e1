import type { Clock } from '../../kernel/clock.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import {
  accepted,
  answerWith,
  type ModuleRequest,
  notAllowed,
  type Reply,
  refused,
  type SimulatedModule,
} from '../http/exchange.js';
import type { OwnedModule } from '../sender/catalogue.js';
import { isJson, membersAt, skipSpace, stringMember } from '../wire/json-scan.js';
import { type Change, mergeObject, partOf, patchPart, putPart } from '../wire/merge.js';
import { stampOf } from '../wire/stamp.js';
import { PartnerCopy } from './partner-copy.js';
import { Receipts } from './receipts.js';

/** Settings of the receiving side of a platform. */
export interface ReceiverOptions {
  parties: readonly PartyRef[];
  clock: Clock;
  /** Acknowledge but do not apply what is older than the copy (O-15). Default: apply everything, so that a hub that sends in the wrong order is found out. */
  ignoreStale?: boolean;
  /** Modules that are offered; default both. */
  modules?: readonly OwnedModule[];
}

/**
 * RECEIVER locations and tariffs: keeps a copy for each party, as a partner would. PATCH merges, PUT replaces, what is
 * unknown is 404, parts lift their parents' `last_updated`.
 *
 * Spec: 2.2.1 §8.2.2, §11.2.2 (L-05 … L-19, TA-02 … TA-04, O-01 … O-19).
 */
export class ReceiverSide {
  readonly receipts = new Receipts();
  readonly copies: ReadonlyMap<string, PartnerCopy>;
  /** Breaches found in bodies, by kind. */
  readonly badBodies: Record<string, number> = {};

  constructor(private readonly options: ReceiverOptions) {
    this.copies = new Map(options.parties.map((party) => [partyKey(party), new PartnerCopy()]));
  }

  /** The copy of a party; without one, the first party's. */
  copy(party?: PartyRef | string): PartnerCopy | undefined {
    if (party === undefined) return this.copies.values().next().value;
    return this.copies.get(typeof party === 'string' ? party.toUpperCase() : partyKey(party));
  }

  /** The endpoints for the version details. */
  modules(): SimulatedModule[] {
    return (this.options.modules ?? ['locations', 'tariffs']).map((identifier) => ({
      identifier,
      role: 'RECEIVER',
      callers: 'owner',
      handle: (request) => this.handle(identifier, request),
    }));
  }

  /** What the control server shows. */
  state(): Record<string, unknown> {
    const copies = [...this.copies].map(([party, copy]) => [
      party,
      { locations: copy.locations.size, tariffs: copy.tariffs.size },
    ]);
    return { ...this.receipts.state(), bad_bodies: this.badBodies, copies: Object.fromEntries(copies) };
  }

  private handle(module: OwnedModule, request: ModuleRequest): Reply {
    const copy = this.copyFor(request);
    const [country = '', party = '', id = '', ...part] = request.path;
    const depth = module === 'locations' ? 2 : 0;
    if (id === '' || part.length > depth) return refused(404, 2000, 'no such endpoint');
    if (copy === undefined) return refused(200, 2001, 'not for a party that receives here');
    const key = `${country}/${party}/${id}`.toUpperCase();
    const target: Target = { copy, module, key, part, owner: { country_code: country, party_id: party }, id };
    switch (request.method) {
      case 'GET':
        return this.get(target);
      case 'PUT':
        return this.write(target, request, part.length === 0 ? replaceObject : replacePart);
      case 'PATCH':
        if (module === 'locations') return this.write(target, request, part.length === 0 ? mergeWhole : mergePart);
        return notAllowed('GET, PUT, DELETE');
      case 'DELETE':
        if (module === 'tariffs') return this.remove(target);
        return notAllowed('GET, PUT, PATCH');
      default:
        return notAllowed(module === 'tariffs' ? 'GET, PUT, DELETE' : 'GET, PUT, PATCH');
    }
  }

  private copyFor(request: ModuleRequest): PartnerCopy | undefined {
    if (request.to !== undefined) return this.copy(request.to);
    return this.copies.size === 1 ? this.copy() : undefined;
  }

  private get({ copy, module, key, part }: Target): Reply {
    this.receipts.get += 1;
    const held = copy.of(module).get(key)?.text;
    const text = held === undefined || part.length === 0 ? held : partOf(held, part);
    return text === undefined ? this.unknown(module) : answerWith(text);
  }

  private remove({ copy, module, key }: Target): Reply {
    this.receipts.delete += 1;
    return copy.of(module).delete(key) ? accepted() : this.unknown(module);
  }

  private write(target: Target, request: ModuleRequest, apply: Apply): Reply {
    const { receipts } = this;
    const { body } = request;
    const isPatch = request.method === 'PATCH';
    if (isPatch) receipts.patch += 1;
    else receipts.put += 1;
    if (!isJson(body)) return this.bad('invalid-json', refused(400, 2001, 'body is not JSON'));
    const start = skipSpace(body, 0);
    const members = membersAt(body, start);
    if (members === undefined) return this.bad('no-object', refused(200, 2001, 'body is no object'));
    const stampGiven = stringMember(body, members, 'last_updated');
    const stamp = stampOf(stampGiven);
    if (stampGiven === undefined || stamp === undefined) {
      return this.bad('last-updated-missing', refused(200, 2001, 'last_updated is missing'));
    }
    const mismatch = mismatchOf(target, (name) => stringMember(body, members, name), isPatch);
    if (mismatch !== undefined) return this.bad('url-body-mismatch', refused(200, 2001, mismatch));

    const held = target.copy.of(target.module).get(target.key);
    const change = apply(held?.text, target.part, body.trim(), stampGiven);
    if (change.kind === 'missing') return this.unknown(target.module);
    receipts.lag(stamp, this.options.clock.now(), isPatch);
    const before = stampOf(change.before);
    if (change.text === held?.text) receipts.duplicates += 1;
    else if (before !== undefined && before > stamp) {
      receipts.regression([target.module, target.key, ...target.part].join('/'), change.before ?? '', stampGiven);
      if (this.options.ignoreStale === true) return accepted();
    }
    if (change.kind === 'created') receipts.created += 1;
    const whole = target.part.length === 0 && !isPatch;
    const newStamp = whole ? stamp : Math.max(held?.stamp ?? 0, stamp);
    target.copy.write(target.module, target.key, change.text, newStamp, this.options.clock.now());
    return accepted(change.kind === 'created');
  }

  private unknown(module: OwnedModule): Reply {
    this.receipts.notFound += 1;
    return module === 'locations' ? refused(404, 2003, 'unknown location') : refused(404, 2001, 'unknown tariff');
  }

  private bad(kind: string, reply: Reply): Reply {
    this.receipts.rejected += 1;
    this.badBodies[kind] = (this.badBodies[kind] ?? 0) + 1;
    return reply;
  }
}

interface Target {
  copy: PartnerCopy;
  module: OwnedModule;
  key: string;
  part: string[];
  owner: PartyRef;
  id: string;
}

type Apply = (held: string | undefined, part: readonly string[], body: string, stamp: string) => Change;

const stampIn = (text: string): string | undefined => stringMember(text, membersAt(text, 0) ?? [], 'last_updated');

const replaceObject: Apply = (held, _part, body) =>
  held === undefined
    ? { kind: 'created', text: body, before: undefined }
    : { kind: 'updated', text: body, before: stampIn(held) };

const mergeWhole: Apply = (held, _part, body) =>
  held === undefined ? { kind: 'missing' } : { kind: 'updated', text: mergeObject(held, body), before: stampIn(held) };

const replacePart: Apply = (held, part, body, stamp) =>
  held === undefined ? { kind: 'missing' } : putPart(held, part, body, stamp);

const mergePart: Apply = (held, part, body, stamp) =>
  held === undefined ? { kind: 'missing' } : patchPart(held, part, body, stamp);

/** What in the body contradicts the URL (O-03, O-04, L-07, L-08); a PATCH may leave ids out (O-12). */
function mismatchOf(
  target: Target,
  given: (name: string) => string | undefined,
  optional: boolean,
): string | undefined {
  const expected: [string, string | undefined][] =
    target.part.length === 0
      ? [
          ['country_code', target.owner.country_code],
          ['party_id', target.owner.party_id],
          ['id', target.id],
        ]
      : [target.part.length === 1 ? ['uid', target.part[0]] : ['id', target.part[1]]];
  for (const [name, wanted] of expected) {
    const value = given(name);
    if (value === undefined && optional) continue;
    if (value?.toUpperCase() !== wanted?.toUpperCase()) return `${name} differs between URL and body`;
  }
  return undefined;
}
