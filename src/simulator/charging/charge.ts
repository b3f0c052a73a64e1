import { randomUUID } from 'node:crypto';
import type { Clock } from '../../kernel/clock.js';
import { type PartyRef, partyKey } from '../../kernel/party-ref.js';
import type { PeerLink } from '../handshake/peer-link.js';
import type { Inspector } from '../http/inspector.js';
import { describeAnswer, isSuccess, type OcpiAnswer } from '../http/ocpi-answer.js';
import type { OcpiCall } from '../http/ocpi-call.js';
import type { OcpiClient } from '../http/ocpi-client.js';
import { mergeSession } from '../sessions/session-merge.js';
import { canonicalJson } from '../wire/canonical.js';
import { type ChargeFacts, cdrText, completedPatch, type Period, progressPatch, sessionText } from './charge-texts.js';

/** How a charge goes. */
export interface ChargePlan {
  /** PATCHes between the beginning and the end. */
  updates: number;
  /** Between two of them, ms. */
  intervalMs: number;
  kwhPerUpdate: number;
  /** No TO in its messages: whose Token it is, the hub has to find out. */
  open: boolean;
  /** Goes on until {@link Charge.end}, however many updates that takes. */
  untilStopped: boolean;
}

export const defaultPlan: ChargePlan = {
  updates: 3,
  intervalMs: 50,
  kwhPerUpdate: 1.25,
  open: false,
  untilStopped: false,
};

/** One message of a charge. */
export interface ChargeStep {
  what: 'PUT session' | 'PATCH session' | 'POST cdr' | 'GET cdr';
  at: number;
  ms: number;
  ok: boolean;
  answer: string;
  correlation_id: string;
  /** Who answered. */
  by?: string;
  problem?: string;
}

export interface ChargeWorld {
  client: OcpiClient;
  link: PeerLink;
  inspector: Inspector;
  clock: Clock;
}

/**
 * A car charges, and its eMSP is told: the Session is put, followed by PATCHes and completed; the CDR is posted, and read back
 * from where its `Location` leads.
 *
 * Spec: 2.2.1 §9.2.2, §10.2.2 (S-02, S-09, CDR-02 … CDR-04, R-45).
 */
export class Charge {
  /** The Session as it stands, wire text. */
  session: string;
  cdr: string | undefined;
  /** Where the eMSP keeps the CDR, as we were told. */
  cdrUrl: string | undefined;
  readonly steps: ChargeStep[] = [];
  state: 'charging' | 'completed' | 'failed' = 'charging';
  readonly done: Promise<void>;
  private readonly periods: Period[] = [];
  private ending = false;
  private wake: () => void = () => undefined;

  constructor(
    readonly facts: ChargeFacts,
    private readonly plan: ChargePlan,
    private readonly world: ChargeWorld,
  ) {
    this.session = sessionText(facts, facts.startedAt);
    this.done = this.run().catch((error: unknown) => this.fail(String(error)));
  }

  /** `DE/CP1/S1` */
  get key(): string {
    return `${partyKey(this.facts.owner)}/${this.facts.sessionId}`;
  }

  /** The driver pulls the plug, or STOP_SESSION came. */
  end(): void {
    this.ending = true;
    this.wake();
  }

  private async run(): Promise<void> {
    const { clock } = this.world;
    await this.step('PUT session', { method: 'PUT', body: this.session, ...this.atSession() });
    while (!this.ending && (this.plan.untilStopped || this.periods.length < this.plan.updates)) {
      await this.pause();
      const period = { startsAt: Math.max(clock.now(), this.lastStart + 1), kwh: this.plan.kwhPerUpdate };
      this.periods.push(period);
      await this.patch(progressPatch(this.kwh, period, clock.now()));
    }
    const endedAt = clock.now();
    await this.patch(completedPatch(this.kwh, endedAt));
    this.cdr = cdrText(this.facts, this.periods, endedAt);
    const answer = await this.step('POST cdr', { method: 'POST', module: 'cdrs', role: 'RECEIVER', body: this.cdr });
    const { location } = answer.headers;
    this.cdrUrl = location;
    if (location === undefined) return this.fail('the answer to the CDR has no Location');
    await this.readBack(location);
    if (this.state === 'charging') this.state = 'completed';
  }

  /** The CDR from where it is kept: through the hub, who has rewritten the URL. */
  private async readBack(url: string): Promise<void> {
    const { link, inspector } = this.world;
    const own = link.peer?.endpoints.find((endpoint) => endpoint.identifier === 'cdrs')?.url ?? link.peer?.versionsUrl;
    if (!URL.canParse(url) || new URL(url).origin !== new URL(own ?? url).origin) {
      inspector.report({ method: 'POST', url }, 'cdr-location-foreign');
      return this.fail(`the CDR is said to be at ${url}, where our token must not go`);
    }
    const answer = await this.step(
      'GET cdr',
      { method: 'GET', module: 'cdrs', role: 'RECEIVER', url },
      this.facts.token,
    );
    const same = answer.data !== undefined && canonicalJson(answer.data) === canonicalJson(this.cdr ?? '');
    if (!same) this.fail('the CDR came back different', 'GET cdr');
  }

  private async patch(body: string): Promise<void> {
    this.session = mergeSession(this.session, body);
    await this.step('PATCH session', { method: 'PATCH', body, ...this.atSession() });
  }

  private atSession(): { module: string; role: 'RECEIVER'; path: string[] } {
    const { owner, sessionId } = this.facts;
    return { module: 'sessions', role: 'RECEIVER', path: [owner.country_code, owner.party_id, sessionId] };
  }

  private async step(
    what: ChargeStep['what'],
    call: Omit<OcpiCall, 'from' | 'to' | 'open' | 'correlationId'>,
    to: PartyRef | undefined = this.plan.open ? undefined : this.facts.token,
  ): Promise<OcpiAnswer> {
    const { client, clock } = this.world;
    const at = clock.now();
    const correlation_id = randomUUID();
    const step: ChargeStep = { what, at, ms: 0, ok: false, answer: '', correlation_id };
    this.steps.push(step);
    const routed = { from: this.facts.owner, to, open: to === undefined, correlationId: correlation_id };
    try {
      const answer = await client.call({ ...call, ...routed });
      Object.assign(step, { ms: clock.now() - at, ok: isSuccess(answer), answer: describeAnswer(answer) });
      const [country, party] = [answer.headers['ocpi-from-country-code'], answer.headers['ocpi-from-party-id']];
      if (country !== undefined) step.by = `${String(country)}/${String(party)}`;
      if (!step.ok) throw new Error(`${what}: ${step.answer}`);
      return answer;
    } catch (error) {
      step.answer ||= String(error);
      throw error;
    }
  }

  private fail(problem: string, what?: ChargeStep['what']): void {
    this.state = 'failed';
    const step = what === undefined ? this.steps.at(-1) : this.steps.findLast((one) => one.what === what);
    if (step !== undefined) Object.assign(step, { ok: false, problem });
  }

  private get kwh(): number {
    return this.periods.reduce((sum, period) => sum + period.kwh, 0);
  }

  private get lastStart(): number {
    return this.periods.at(-1)?.startsAt ?? this.facts.startedAt;
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.plan.intervalMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
