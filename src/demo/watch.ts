import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../kernel/clock.js';
import type { LaneInfo, PartnerInfo } from './hub-process.js';
import type { LiveView } from './screen.js';
import type { CpoState, EmspState } from './simulator-process.js';
import type { CpoActor, EmspActor, Stage } from './stage.js';
import { type Column, duration, grouped, tableLines } from './table.js';

const columns: readonly Column[] = [
  { head: 'PARTNER' },
  { head: 'PARTIES' },
  { head: 'ROLE' },
  { head: 'OBJECTS', right: true },
  { head: 'MESSAGES', right: true },
  { head: '/S', right: true },
  { head: 'BEHIND', right: true },
  { head: 'DELAY P50', right: true },
  { head: 'P99', right: true },
  { head: 'STATE' },
];

/** One look at a partner. */
interface Look {
  readonly objects: number;
  readonly messages: number;
  readonly state: CpoState | EmspState | undefined;
}

const quick = 500;

/**
 * Looks at all processes twice a second and shows what it sees. Messages are requests sent by a CPO (writes), received by an eMSP
 * (pushes); behind is how many objects the hub has yet to tell the partner of.
 */
export class Watch {
  /** What the demo is doing, above the table. */
  title = '';
  private running = false;
  private done: Promise<void> = Promise.resolve();
  private before = new Map<string, { at: number; messages: number; rate: number }>();

  constructor(
    private readonly stage: Stage,
    private readonly clock: Clock,
    private readonly show: (view: LiveView) => void,
  ) {}

  start(): void {
    this.running = true;
    this.done = this.loop();
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private async loop(): Promise<void> {
    while (this.running) {
      // A process that is busy or about to end does not answer; what matters then is noticed elsewhere.
      const view = await this.look().catch(() => undefined);
      if (view !== undefined && this.running) this.show(view);
      await pause(quick);
    }
  }

  private async look(): Promise<LiveView> {
    const { hub, cpos, emsps } = this.stage;
    const [partners, lanes] = await Promise.all([hub.partners(), hub.lanes()]);
    const cpoLooks = await Promise.all(cpos.map((actor) => lookAtCpo(actor)));
    const emspLooks = await Promise.all(emsps.map((actor) => lookAtEmsp(actor)));
    const rows = [
      ...cpos.map((actor, index) => this.cpoRow(actor, cpoLooks[index], partners)),
      ...emsps.map((actor, index) => this.emspRow(actor, emspLooks[index], partners, lanes)),
    ];
    const stored = partners.flatMap(({ objects }) => Object.values(objects)).reduce((sum, n) => sum + n, 0);
    const table = [`${this.title} · the hub holds ${grouped(stored)} objects`, '', ...tableLines(columns, rows)].map(
      (line) => `   ${line}`,
    );
    return { table, line: this.line(stored, lanes, partners) };
  }

  private cpoRow({ role, doing }: CpoActor, look: Look | undefined, partners: readonly PartnerInfo[]): string[] {
    const info = partners.find(({ name }) => name === role.name);
    const objects = Object.values(info?.objects ?? {}).reduce((sum, n) => sum + n, 0);
    return [
      role.name,
      partiesOf(role.parties),
      'CPO',
      grouped(objects),
      grouped(look?.messages ?? 0),
      this.rate(role.name, look?.messages),
      '',
      '',
      '',
      doing ?? 'connected',
    ];
  }

  private emspRow(
    { role, doing }: EmspActor,
    look: Look | undefined,
    partners: readonly PartnerInfo[],
    lanes: readonly LaneInfo[],
  ): string[] {
    const lag = (look?.state as EmspState | undefined)?.received.push_lag_ms;
    const lane = laneOf(role.name, partners, lanes);
    const ms = (value: number | undefined): string => (value === undefined ? '' : duration(value));
    return [
      role.name,
      partiesOf(role.parties),
      role.parties.some((party) => party.endsWith(':NSP')) ? 'EMSP, NSP' : 'EMSP',
      grouped(look?.objects ?? 0),
      grouped(look?.messages ?? 0),
      this.rate(role.name, look?.messages),
      lane === undefined ? '' : grouped(lane.lag_objects),
      ms(lag?.p50),
      ms(lag?.p99),
      doing ?? (lane === undefined || lane.lag_objects + lane.in_flight === 0 ? 'up to date' : 'following'),
    ];
  }

  private line(stored: number, lanes: readonly LaneInfo[], partners: readonly PartnerInfo[]): string {
    const rates = (names: readonly string[]): number =>
      names.reduce((sum, name) => sum + (this.before.get(name)?.rate ?? 0), 0);
    const { cpos, emsps } = this.stage;
    const parts = [
      this.title,
      `hub holds ${grouped(stored)}`,
      `in ${Math.round(rates(cpos.map(({ role }) => role.name)))}/s`,
      `out ${Math.round(rates(emsps.map(({ role }) => role.name)))}/s`,
    ];
    const behind = emsps.flatMap(({ role }) => {
      const lane = laneOf(role.name, partners, lanes);
      return lane === undefined ? [] : [`${role.name} ${grouped(lane.lag_objects)}`];
    });
    return [...parts, ...(behind.length === 0 ? [] : [`behind: ${behind.join(', ')}`])].join(' · ');
  }

  /** Messages a second since the last look. */
  private rate(name: string, messages: number | undefined): string {
    if (messages === undefined) return '';
    const at = this.clock.now();
    const last = this.before.get(name);
    const elapsed = last === undefined ? 0 : at - last.at;
    const fresh = last === undefined || elapsed <= 0 ? 0 : ((messages - last.messages) * 1000) / elapsed;
    // Half of the last value, so that the figure can be read.
    const rate = Math.max(0, last === undefined ? fresh : (fresh + last.rate) / 2);
    this.before.set(name, { at, messages, rate });
    return String(Math.round(rate));
  }
}

const partiesOf = (parties: readonly string[]): string => {
  const names = parties.map((party) => party.replace(/:.*/, ''));
  return names.length <= 3 ? names.join(' ') : `${names.slice(0, 2).join(' ')} +${names.length - 2}`;
};

function laneOf(name: string, partners: readonly PartnerInfo[], lanes: readonly LaneInfo[]): LaneInfo | undefined {
  const id = partners.find((partner) => partner.name === name)?.id;
  return lanes.find((lane) => lane.partner_id === id);
}

async function lookAtCpo({ process }: CpoActor): Promise<Look | undefined> {
  const state = await process.state().catch(() => undefined);
  if (state === undefined) return undefined;
  return { objects: 0, messages: (state.put_all?.done ?? 0) + (state.stream?.accepted ?? 0), state };
}

async function lookAtEmsp({ process }: EmspActor): Promise<Look | undefined> {
  const state = await process.state().catch(() => undefined);
  if (state === undefined) return undefined;
  const copies = Object.values(state.received.copies);
  const objects = copies.reduce((sum, copy) => sum + copy.locations + copy.tariffs, 0);
  return { objects, messages: state.received.put + state.received.patch + state.received.delete, state };
}
