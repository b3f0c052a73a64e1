import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../kernel/clock.js';
import type { CpoRole, EmspRole } from './cast.js';
import { ChargeAct, type ChargeShown } from './charge.js';
import type { Check } from './checks.js';
import { DriverAct } from './driver.js';
import type { Screen } from './screen.js';
import type { CpoActor, EmspActor, Stage } from './stage.js';
import { counted, duration, grouped, tableLines } from './table.js';
import { until, WaitedTooLong } from './until.js';
import type { Watch } from './watch.js';

/** What happened on the way, for the summary. */
export interface PlayRecord {
  /** Pushes that each eMSP had got when the stream began, by its name. */
  readonly pushesBefore: Map<string, { put: number; patch: number }>;
  /** From the first PUT to the last answer, ms. */
  loadMs: number;
  /** How long the eMSP was gone, ms, and how long it then took until it had everything. */
  deadMs: number;
  caughtUpMs: number | undefined;
  /** How far it was behind when it came back, objects. */
  missed: number;
  streamMs: number;
}

const loadLimitMs = 10 * 60_000;
const pullLimitMs = 5 * 60_000;
/** A hub that has tried in vain for a while probes each half minute. */
const settleLimitMs = 120_000;
/** The eMSP that dies is away for at most so long: the hub's pauses grow with the outage. */
const longestDeathMs = 12_000;

/** The demo as a story: one method an act. */
export class Play {
  readonly record: PlayRecord = {
    pushesBefore: new Map(),
    loadMs: 0,
    deadMs: 0,
    caughtUpMs: undefined,
    missed: 0,
    streamMs: 0,
  };

  constructor(
    private readonly stage: Stage,
    private readonly screen: Screen,
    private readonly watch: Watch,
    private readonly clock: Clock,
  ) {}

  /** Partners of the first hour: all CPOs but the late one register, and their objects come in. */
  async load(): Promise<void> {
    const { screen, stage } = this;
    const roles = stage.cast.cpos.filter(({ manner }) => manner !== 'late');
    this.begin('2. CPO platforms register and bring their data', 'Loading');
    screen.tell(
      'Each is a process of its own. Most got an invitation from the operator and start the OCPI credentials handshake; ' +
        'with the one that is pulled, the hub starts it.',
    );
    const startedAt = this.clock.now();
    const actors = await Promise.all(roles.map((role) => stage.bringCpo(role)));
    for (const actor of actors) {
      await this.register(actor);
      actor.doing = actor.role.manner === 'pulled' ? 'being pulled by the hub' : 'putting its objects';
      const { catalogue } = await actor.process.state();
      screen.say(
        `   ${said(actor)}: ${counted(catalogue.locations, 'location')}, ${counted(catalogue.tariffs, 'tariff')}`,
      );
    }
    await Promise.all(
      actors.map((actor) => (actor.role.manner === 'pulled' ? this.pulled(actor) : this.putAll(actor))),
    );
    this.record.loadMs = this.clock.now() - startedAt;
    this.end(`Loaded in ${duration(this.record.loadMs)}.`);
  }

  /** eMSPs register and pull what is there. */
  async meet(): Promise<void> {
    const { screen, stage } = this;
    this.begin('3. eMSP platforms register and pull everything', 'Pulling');
    screen.tell(
      'They read the hub’s lists from page to page by the Link header, as OCPI says, and keep a copy of their own.',
    );
    const startedAt = this.clock.now();
    const actors = await Promise.all(stage.cast.emsps.map((role) => stage.bringEmsp(role)));
    for (const actor of actors) {
      await this.register(actor);
      if (actor.role.manner === 'slow') await actor.process.setFaults([`slow=${stage.cast.slowMs}`]);
      actor.doing = 'pulling';
      screen.say(`   ${said(actor)}${characterOf(actor.role, stage.cast.slowMs)}`);
    }
    await Promise.all(actors.map((actor) => this.pull(actor)));
    this.end(`Pulled in ${duration(this.clock.now() - startedAt)}.`);
  }

  /** Status changes stream; one eMSP dies and comes back; a CPO platform joins in the middle. */
  async stream(): Promise<void> {
    const { demo, cast } = this.stage;
    const seconds = demo.durationSeconds;
    this.begin(
      `4. Cars come and go: ${demo.rate} status changes a second for ${duration(seconds * 1000)}`,
      `Streaming ${demo.rate} changes a second`,
    );
    this.screen.tell(
      'A CPO sends a PATCH for each; the hub commits it to disk, answers, and tells every eMSP. A partner that is slow or gone ' +
        'must not hold up the others, and must end with the same data all the same.',
    );
    await this.noteReceipts();
    for (const { process } of this.stage.emsps) await process.resetLags();
    const startedAt = this.clock.now();
    const late = cast.cpos.filter(({ manner }) => manner === 'late');
    for (const actor of this.stage.cpos) await this.startStream(actor, seconds);
    await Promise.all([
      this.deathAndReturn(seconds),
      ...late.map((role) => this.joinLate(role, seconds)),
      this.streamsEnded(startedAt, seconds),
    ]);
    this.record.streamMs = this.clock.now() - startedAt;
    this.end('The stream has ended; every change has its answer.');
  }

  /** Waits until the hub has told everybody everything. */
  async settle(): Promise<void> {
    this.watch.title = 'Catching up';
    const startedAt = this.clock.now();
    const slow = this.stage.emsps.find(({ role }) => role.manner === 'slow');
    if (slow) slow.doing = `slow: ${this.stage.cast.slowMs} ms an answer, catching up`;
    try {
      await until('every eMSP has caught up', settleLimitMs, async () => {
        const lanes = await this.stage.hub.lanes();
        return lanes.every((lane) => lane.lag_objects === 0 && lane.in_flight === 0) || undefined;
      });
    } catch (error) {
      // The comparison that follows says who lacks what.
      if (!(error instanceof WaitedTooLong)) throw error;
    }
    for (const actor of this.stage.emsps) actor.doing = undefined;
    this.end(`All have caught up, ${duration(this.clock.now() - startedAt)} after the last change.`);
  }

  /** A customer of an eMSP charges at a CPO: everything that is said about it goes through the hub. */
  async charge(): Promise<ChargeShown> {
    const { screen } = this;
    this.begin('5. A customer charges: from the token to the bill', 'Charging');
    screen.tell(
      'But for the token, all of it goes from party to party through the hub, at once, and the hub keeps none of it. Times are those of an answer ' +
        'through the hub; the car charges for an instant only.',
    );
    const startedAt = this.clock.now();
    const shown = await new ChargeAct(this.stage, this.clock).play();
    const rows = shown.timeline.map(({ at, who, whom, what, ms }) => [
      `+${((at - startedAt) / 1000).toFixed(2)} s`,
      `${who} → ${whom}`,
      what,
      duration(ms),
    ]);
    const columns = [{ head: 'AT', right: true }, { head: 'WHO' }, { head: 'WHAT' }, { head: 'ANSWER', right: true }];
    screen.clear();
    for (const line of tableLines(columns, rows)) screen.say(`   ${line}`);
    this.end(`Charged and billed in ${duration(this.clock.now() - startedAt)}.`);
    return shown;
  }

  /** A driver's app reads the EV data that the hub makes of it all. */
  async drive(): Promise<Check> {
    const { screen } = this;
    this.begin("6. A driver looks for a charger: HERE's EV model on live data", 'A driver looks');
    screen.tell('Search, look-ups with connector groups and prices are made from what the CPOs push.');
    screen.clear();
    const startedAt = this.clock.now();
    const check = await new DriverAct(this.stage, screen, this.clock).play();
    this.end(`Seen in ${duration(this.clock.now() - startedAt)}.`);
    return check;
  }

  private begin(title: string, short: string): void {
    this.screen.clear();
    this.screen.say();
    this.screen.say(title);
    this.watch.title = short;
  }

  private end(sentence: string): void {
    this.screen.clear();
    this.screen.say(`   ${sentence}`);
  }

  private async register(actor: CpoActor | EmspActor): Promise<void> {
    const { hub } = this.stage;
    actor.doing = 'registering';
    const { role, process } = actor;
    if (role.manner === 'pulled') {
      const { versions_url, token } = await process.invite();
      await hub.register(role.name, versions_url, token);
    } else await process.register(await hub.invite(role.name, process.parties));
    actor.doing = undefined;
  }

  private async putAll(actor: CpoActor): Promise<void> {
    await actor.process.startPutAll();
    await until(
      `${actor.role.name} has put its objects`,
      loadLimitMs,
      async () => {
        const { put_all: job } = await actor.process.state();
        if (job === undefined) return undefined;
        actor.doing = `putting its objects: ${percent(job.done, job.total)}`;
        return job.running || job.done < job.total ? undefined : true;
      },
      200,
    );
    actor.doing = undefined;
  }

  private async pulled(actor: CpoActor): Promise<void> {
    const { catalogue } = await actor.process.state();
    const offered = catalogue.locations + catalogue.tariffs;
    const { id } = await this.partner(actor.role);
    await until(
      `the hub has pulled ${actor.role.name}`,
      loadLimitMs,
      async () => {
        const pulls = (await this.stage.hub.pulls()).filter((pull) => pull.partner_id === id);
        const stopped = pulls.find((pull) => pull.state === 'stopped' || pull.state === 'failed');
        if (stopped) throw new Error(`The pull of ${actor.role.name} stopped: ${stopped.detail ?? 'no reason given'}`);
        const seen = pulls.reduce((sum, pull) => sum + pull.objects, 0);
        actor.doing = `pulled by the hub: ${percent(seen, offered)}`;
        // One list for each module and party.
        const lists = 2 * actor.role.parties.length;
        const complete = pulls.length > 0 && pulls.every((pull) => pull.state === 'complete');
        return complete && (pulls.length >= lists || seen >= offered) ? true : undefined;
      },
      200,
    );
    actor.doing = undefined;
  }

  private async pull(actor: EmspActor): Promise<void> {
    const { process, role } = actor;
    await process.startPull();
    const lists = await until(
      `${role.name} has pulled the hub’s lists`,
      pullLimitMs,
      async () => {
        const { pull, received } = await process.state();
        const held = Object.values(received.copies).reduce((sum, copy) => sum + copy.locations + copy.tariffs, 0);
        actor.doing = `pulling: ${grouped(held)} objects`;
        return pull.running || pull.lists.length < 2 * role.parties.length ? undefined : pull.lists;
      },
      200,
    );
    const problem = lists.find((list) => list.problem !== undefined);
    if (problem) throw new Error(`${role.name} could not pull ${problem.module}: ${problem.problem}`);
    actor.doing = role.manner === 'slow' ? `slow: ${this.stage.cast.slowMs} ms an answer` : undefined;
  }

  private async partner(role: CpoRole | EmspRole): Promise<{ id: string }> {
    const found = (await this.stage.hub.partners()).find(({ name }) => name === role.name);
    if (!found) throw new Error(`The hub does not list ${role.name}`);
    return found;
  }

  private async startStream(actor: CpoActor, seconds: number): Promise<void> {
    const rate = this.stage.demo.rate * actor.role.share;
    await actor.process.startStream(rate, seconds);
    actor.doing = 'streaming status changes';
  }

  private async streamsEnded(startedAt: number, seconds: number): Promise<void> {
    await pause(seconds * 1000);
    await until('every status change has its answer', 60_000, async () => {
      const states = await Promise.all(this.stage.cpos.map(({ process }) => process.state()));
      const over = states.every(({ stream }) => stream?.running === false);
      return over && this.clock.now() - startedAt > 1000 ? true : undefined;
    });
    for (const actor of this.stage.cpos) actor.doing = undefined;
  }

  /** Away from a fifth of the stream on, for two fifths of it or twelve seconds. */
  private async deathAndReturn(seconds: number): Promise<void> {
    const actor = this.stage.emsps.find(({ role }) => role.manner === 'dies');
    if (!actor) return;
    const { role, process } = actor;
    await pause(seconds * 200);
    await process.die();
    const diedAt = this.clock.now();
    actor.doing = 'GONE: nobody answers';
    this.screen.say(`   ${role.name} is gone: its port is closed. The hub goes on and remembers where it stopped.`);
    await pause(Math.min(longestDeathMs, seconds * 400));
    const { id } = await this.partner(role);
    const behind = async (): Promise<number> =>
      (await this.stage.hub.lanes()).find((lane) => lane.partner_id === id)?.lag_objects ?? 0;
    this.record.missed = await behind();
    await process.revive();
    const backAt = this.clock.now();
    this.record.deadMs = backAt - diedAt;
    actor.doing = 'back: the hub will try again soon';
    this.screen.say(
      `   ${role.name} is back after ${duration(this.record.deadMs)} and lacks ${counted(this.record.missed, 'object')}: it will get ` +
        'their present state, not old messages.',
    );
    const held = this.record.missed;
    try {
      await until(
        `${role.name} has caught up`,
        settleLimitMs,
        async () => {
          const lag = await behind();
          if (lag < held) actor.doing = 'catching up';
          return lag <= Math.max(5, this.stage.demo.rate / 4) ? true : undefined;
        },
        100,
      );
    } catch (error) {
      // While much goes on streaming it may stay behind; what counts is how it ends.
      if (!(error instanceof WaitedTooLong)) throw error;
      return;
    }
    this.record.caughtUpMs = this.clock.now() - backAt;
    actor.doing = undefined;
    this.screen.say(`   ${role.name} has caught up, ${duration(this.record.caughtUpMs)} after its return.`);
  }

  private async joinLate(role: CpoRole, seconds: number): Promise<void> {
    const joinsAt = this.clock.now() + seconds * 500;
    await pause(seconds * 250);
    // It reads its data before it joins.
    const actor = await this.stage.bringCpo(role);
    actor.doing = 'not registered yet';
    await pause(Math.max(0, joinsAt - this.clock.now()));
    await this.register(actor);
    const { catalogue } = await actor.process.state();
    this.screen.say(
      `   ${role.name} joins in the middle: its ${counted(catalogue.locations, 'location')} and ` +
        `${counted(catalogue.tariffs, 'tariff')} are put at the hub and pushed on to every eMSP.`,
    );
    await this.putAll(actor);
    await this.startStream(actor, Math.max(1, seconds / 4));
  }

  private async noteReceipts(): Promise<void> {
    for (const { role, process } of this.stage.emsps) {
      const { put, patch } = (await process.state()).received;
      this.record.pushesBefore.set(role.name, { put, patch });
    }
  }
}

function said({ role }: CpoActor | EmspActor): string {
  const shown = role.parties.slice(0, 4).join(', ');
  const more = role.parties.length > 4 ? ` and ${role.parties.length - 4} more` : '';
  return `${role.name} (${shown}${more})${role.manner === 'pulled' ? ', registered by the hub and pulled by it' : ''}`;
}

function characterOf({ manner }: EmspRole, slowMs: number): string {
  if (manner === 'slow') return `: slow, it takes ${slowMs} ms for each answer`;
  return manner === 'dies' ? ': it will be gone for a while' : '';
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '100 %' : `${Math.floor((100 * part) / whole)} %`;
