import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../kernel/clock.js';
import type { Leg } from '../simulator/index.js';
import type { Check } from './checks.js';
import { type ExpectedRouting, legProblems } from './legs.js';
import type { ChargeInfo, TokenInfo } from './simulator-process.js';
import type { CpoActor, EmspActor, Stage } from './stage.js';
import { counted, duration } from './table.js';
import { until, WaitedTooLong } from './until.js';

/** One line of the timeline: who told whom what, and how long the answer took. */
export interface TimelineEntry {
  readonly at: number;
  readonly who: string;
  readonly whom: string;
  readonly what: string;
  readonly ms: number;
}

/** What the act showed. */
export interface ChargeShown {
  readonly timeline: readonly TimelineEntry[];
  readonly checks: readonly Check[];
}

/** A platform with the party that acts for it. */
interface Side<A> {
  readonly actor: A;
  readonly party: string;
}

const limitMs = 10_000;
const plan = { updates: 3, intervalMs: 120 };

/**
 * A charge through the hub, from the Token to the CDR: what the CPO and the eMSP say to one another, each message looked at on both
 * of its legs.
 */
export class ChargeAct {
  private readonly timeline: TimelineEntry[] = [];
  private readonly headers: string[] = [];
  private messages = 0;

  constructor(
    private readonly stage: Stage,
    private readonly clock: Clock,
  ) {}

  async play(): Promise<ChargeShown> {
    const { cpos, emsps } = this.stage;
    const [cpo, emsp] = [cpos.find(({ role }) => role.manner === 'puts') ?? cpos[0], emsps[0]];
    if (cpo === undefined || emsp === undefined) throw new Error('nobody is there to charge');
    const operator: Side<CpoActor> = { actor: cpo, party: firstParty(cpo) };
    const provider: Side<EmspActor> = { actor: emsp, party: firstParty(emsp) };
    const known = await this.everybodyKnown();
    const [card, , unheard] = await emsp.process.makeTokens(3);
    if (card === undefined || unheard === undefined) throw new Error('the eMSP gave out no tokens');
    const tokens = await this.tokens(provider, card);
    const authorize = await this.authorize(operator, provider, card, unheard);
    const command = await this.start(operator, provider, card);
    const charge = await this.charge(operator, provider);
    const found = `${counted(this.messages, 'message')}, each looked at where it was sent and where it arrived`;
    const title = 'Tokens, TO, FROM and message ids are right on both legs of every message';
    const headers: Check = { title, found, problems: this.headers };
    this.timeline.sort((a, b) => a.at - b.at);
    return { timeline: this.timeline, checks: [known, tokens, authorize, command, charge, headers] };
  }

  /** HubClientInfo: who comes later is told of by the hub; who was there before is in its list. */
  private async everybodyKnown(): Promise<Check> {
    const { cpos, emsps } = this.stage;
    const problems: string[] = [];
    let pushed = 0;
    let parties = 0;
    const look = async (watcher: CpoActor | EmspActor, others: readonly (CpoActor | EmspActor)[]): Promise<void> => {
      const { process, role } = watcher;
      pushed += (await process.clientInfos()).filter(({ by }) => by === 'push').length;
      const { problem } = await process.pullClientInfos();
      if (problem !== undefined) problems.push(`${role.name} could not read the list: ${problem}`);
      const infos = await process.clientInfos();
      const standing = new Map(infos.map((info) => [`${info.country_code}/${info.party_id}`, info.status]));
      for (const name of others.flatMap((other) => other.process.parties.map(nameOf))) {
        parties += 1;
        const status = standing.get(name) ?? 'unknown';
        if (status !== 'CONNECTED') problems.push(`for ${role.name}, ${name} is ${status}`);
      }
    };
    for (const cpo of cpos) await look(cpo, emsps);
    for (const emsp of emsps) await look(emsp, cpos);
    if (pushed === 0) problems.push('the hub told nobody of anybody');
    const found = `${counted(parties, 'standing')} as they are; ${counted(pushed, 'party was', 'parties were')} told of by the hub itself`;
    return { title: 'Everybody knows who is connected (HubClientInfo)', found, problems: problems.slice(0, 5) };
  }

  private async tokens({ actor, party }: Side<EmspActor>, card: TokenInfo): Promise<Check> {
    const { cpos } = this.stage;
    const at = this.clock.now();
    const problems: string[] = [];
    const { pushed, refusals } = await actor.process.pushTokens([card.uid]);
    if (pushed !== 1) problems.push(`${actor.role.name}: the hub refused its token: ${JSON.stringify(refusals)}`);
    this.say({
      at,
      who: actor.role.name,
      whom: 'the hub',
      what: 'PUT token, for every CPO',
      ms: this.clock.now() - at,
    });
    const key = `${party}/${card.uid}/${card.type}`.toUpperCase();
    for (const cpo of cpos) {
      const holds = async (): Promise<true | undefined> => {
        const held = (await cpo.process.tokens(firstParty(cpo))).find((token) => token.key === key);
        return held !== undefined && isDeepStrictEqual(JSON.parse(held.text), JSON.parse(card.text)) ? true : undefined;
      };
      await until(`${cpo.role.name} has the token`, limitMs, holds, 20).catch((error: unknown) => {
        if (!(error instanceof WaitedTooLong)) throw error;
        problems.push(`${cpo.role.name} has not got the token, or not as it is`);
      });
    }
    const found = `${counted(cpos.length, 'copy', 'copies')} compared equal`;
    return { title: 'An eMSP’s token is at every CPO as it was sent', found, problems };
  }

  private async authorize(
    { actor: cpo, party }: Side<CpoActor>,
    provider: Side<EmspActor>,
    card: TokenInfo,
    unheard: TokenInfo,
  ): Promise<Check> {
    const problems: string[] = [];
    const times: number[] = [];
    const ask = async (token: TokenInfo, open: boolean): Promise<void> => {
      const at = this.clock.now();
      const { uid, type } = token;
      const answer = await cpo.process.authorize({
        uid,
        type,
        from: party,
        ...(open ? { open } : { to: provider.party }),
      });
      const allowed = answer.info?.allowed ?? `refused with ${answer.http}/${answer.code}`;
      const whom = open ? 'whoever knows' : provider.actor.role.name;
      const whose = open ? 'a token that the hub has never seen' : 'its token';
      this.say({ at, who: cpo.role.name, whom, what: `may ${whose} charge? ${allowed}`, ms: answer.ms });
      times.push(answer.ms);
      if (allowed !== 'ALLOWED') problems.push(`${uid}: ${allowed}`);
      if (answer.by !== provider.party) problems.push(`${uid}: answered by ${answer.by ?? 'nobody'}`);
      await this.compare(cpo, provider.actor, answer.correlation_id, { from: party, receiver: provider.party, open });
    };
    await ask(card, false);
    await ask(unheard, true);
    const [direct = 0, open = 0] = times;
    const found = `ALLOWED in ${duration(direct)}; without TO, for a token that nobody had stored, in ${duration(open)}`;
    return { title: 'A token is authorized in real time, by the eMSP itself', found, problems };
  }

  private async start(operator: Side<CpoActor>, provider: Side<EmspActor>, card: TokenInfo): Promise<Check> {
    const { process, role } = provider.actor;
    const problems: string[] = [];
    await operator.actor.process.planCharges(plan);
    const place = (await operator.actor.process.places()).find(({ party }) => party === operator.party);
    const { location_id, evse_uid, connector_id } = place ?? {};
    const at = this.clock.now();
    const order = { from: provider.party, to: operator.party, uid: card.uid };
    const sent = await process.startSession({ ...order, members: { location_id, evse_uid, connector_id } });
    const response = sent.response?.result ?? `refused with ${sent.http}/${sent.code} ${sent.message}`;
    this.say({ at, who: role.name, whom: operator.actor.role.name, what: `START_SESSION: ${response}`, ms: sent.ms });
    if (response !== 'ACCEPTED') problems.push(`START_SESSION: ${response}`);
    await this.compare(provider.actor, operator.actor, sent.correlation_id, {
      from: provider.party,
      receiver: operator.party,
    });
    const [result] = sent.results;
    const title = 'A command’s result finds its way back to who sent it';
    if (result === undefined) return { title, found: '', problems: [...problems, 'the result never came'] };
    const routing = { from: operator.party, receiver: provider.party };
    const leg = await this.compare(operator.actor, provider.actor, result.correlation_id, routing);
    const what = `result of START_SESSION: ${result.body.result}`;
    this.say({ at: result.at, who: operator.actor.role.name, whom: role.name, what, ms: leg?.ms ?? 0 });
    if (result.body.result !== 'ACCEPTED') problems.push(`result: ${result.body.result}`);
    if (leg !== undefined && !leg.target.startsWith(this.stage.hub.publicUrl)) {
      problems.push(`the CPO was told to post it at ${leg.target}, which is not the hub`);
    }
    const found = `ACCEPTED ${duration(result.at - at)} after the command, at a URL of the hub, bare, as it was posted`;
    return { title, found, problems };
  }

  private async charge(operator: Side<CpoActor>, provider: Side<EmspActor>): Promise<Check> {
    const title = 'The eMSP has session and CDR as the CPO has them';
    let last: ChargeInfo | undefined;
    const over = async (): Promise<ChargeInfo | undefined> => {
      last = (await operator.actor.process.charges()).at(-1);
      return last === undefined || last.state === 'charging' ? undefined : last;
    };
    await until('the car has charged', limitMs, over).catch((error: unknown) => {
      if (!(error instanceof WaitedTooLong)) throw error;
    });
    if (last === undefined) return { title, found: '', problems: ['no car charged'] };
    const problems: string[] = [];
    for (const { what, at, ms, ok, answer, problem, correlation_id } of last.steps) {
      const { actor } = operator;
      this.say({ at, who: actor.role.name, whom: provider.actor.role.name, what: `${what}: ${problem ?? answer}`, ms });
      if (!ok) problems.push(`${what}: ${problem ?? answer}`);
      await this.compare(actor, provider.actor, correlation_id, { from: operator.party, receiver: provider.party });
    }
    if (last.state !== 'completed') problems.push(`the charge is ${last.state}`);
    const key = `${operator.party}/${last.session_id}`.toUpperCase();
    const session = (await provider.actor.process.sessions()).find((held) => held.key === key);
    if (!isEqual(session?.text, last.session)) problems.push('the sessions differ');
    const cdrs = (await provider.actor.process.cdrs()).map(({ text }) => JSON.parse(text) as { session_id?: string });
    const cdr = cdrs.find(({ session_id }) => session_id === last?.session_id);
    if (last.cdr === undefined || !isDeepStrictEqual(cdr, last.cdr)) problems.push('the CDRs differ');
    if (last.cdr_url?.startsWith(this.stage.hub.publicUrl) !== true)
      problems.push(`the CDR is said to be at ${last.cdr_url}`);
    const found = `${counted(last.steps.length, 'message')}; the CDR came back equal from the Location that the hub gave it`;
    return { title, found, problems };
  }

  /** Finds both legs of a message and notes what is wrong with them; returns the first. */
  private async compare(
    sender: CpoActor | EmspActor,
    receiver: CpoActor | EmspActor,
    correlationId: string,
    routing: ExpectedRouting,
  ): Promise<Leg | undefined> {
    this.messages += 1;
    const find = async ({ process }: CpoActor | EmspActor, direction: Leg['direction']): Promise<Leg | undefined> => {
      const look = async () => (await process.legs(correlationId)).find((leg) => leg.direction === direction);
      return until('the leg is noted', 1_000, look, 10).catch(() => undefined);
    };
    const [first, second] = [await find(sender, 'out'), await find(receiver, 'in')];
    const what = first === undefined ? correlationId : `${first.method} ${first.module}`;
    this.headers.push(...legProblems(first, second, routing).map((problem) => `${what}: ${problem}`));
    return first;
  }

  private say(entry: TimelineEntry): void {
    this.timeline.push(entry);
  }
}

const isEqual = (text: string | undefined, value: unknown): boolean =>
  text !== undefined && isDeepStrictEqual(JSON.parse(text), value);

const nameOf = ({ country_code, party_id }: { country_code: string; party_id: string }): string =>
  `${country_code}/${party_id}`;

const firstParty = ({ role }: CpoActor | EmspActor): string => (role.parties[0] ?? '').replace(/:.*/, '');
