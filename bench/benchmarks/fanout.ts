import { setTimeout as sleep } from 'node:timers/promises';
import { DeliveryHub } from '../data/delivery-hub.js';
import type { BarePush, BareResult, BareRun } from '../floors/bare-push.js';
import { floorProgram } from '../floors/floor.js';
import type { BenchContext, Benchmark } from '../harness/benchmark.js';
import { ratioFigure } from '../harness/figure.js';
import { MeasuredProcess } from '../harness/measured-process.js';
import { pairedRounds } from '../harness/paired-rounds.js';
import type { Count, Push } from '../receivers/protocol.js';
import { Receivers } from '../receivers/receivers.js';

const receiverCount = 20;
/** Requests in flight to one partner. */
const inFlight = 8;
/** Pushes of each receiver that the floor goes through again and again. */
const captured = 200;
const patience = 120_000;

interface Rate {
  readonly perSecond: number;
  readonly cpuMicros: number;
}

/** All EVSEs change at once; then the hub has nothing to do but to tell everybody. */
export const fanout: Benchmark = {
  name: 'fanout',
  about: 'pushes to 20 partners from one process, against a bare loop that sends the same bytes to the same receivers',
  stacks: ['sqlite', 'postgres'],
  async *run(context) {
    const receivers = await Receivers.open('Receiver', receiverCount);
    const world = await DeliveryHub.start(context, receivers);
    const floor = MeasuredProcess.start(floorProgram('bare-push'));
    try {
      const round = new FanoutRound(context, world, receivers);
      // Told once, each receiver is known to hold every EVSE: from then on changes go out as PATCH.
      await round.measure();
      const clients = { node: 'node', hub_client: { program: context.program } } as const;
      for (const [name, client] of Object.entries(clients)) {
        const pairs = await pairedRounds(
          context.rounds,
          () => round.measure(),
          async () => bareRate(await floor.ask<BareResult>(await round.bareRun(client)), round.size),
        );
        const details = { stack: context.stack.name, pushes: round.size, methods: await round.methods() };
        const rates = pairs.map(({ measured, floor: bare }) => pairOf(measured.perSecond, bare.perSecond));
        const costs = pairs.map(({ measured, floor: bare }) => pairOf(measured.cpuMicros, bare.cpuMicros));
        // The goal speaks of the same client; what the hub's own costs beyond Node's is told beside it.
        const goal = name === 'hub_client' ? { at_least: 0.6 } : null;
        yield ratioFigure('fanout', `pushes_per_second_${name}`, goal, 'pushes/s', rates, details);
        yield ratioFigure('fanout', `cpu_${name}`, null, 'µs CPU per push', costs, details);
      }
    } finally {
      await Promise.all([world.close(), floor.stop(), receivers.close()]);
    }
  },
};

const pairOf = (measured: number, floor: number): { measured: number; floor: number } => ({ measured, floor });

const bareRate = ({ seconds, cpuSeconds }: BareResult, pushes: number): Rate => {
  return { perSecond: pushes / seconds, cpuMicros: (cpuSeconds * 1e6) / pushes };
};

class FanoutRound {
  private stamp = 0;
  private turn = 0;

  constructor(
    private readonly context: BenchContext,
    private readonly world: DeliveryHub,
    private readonly receivers: Receivers,
  ) {}

  /** Pushes of one round, to all receivers. */
  get size(): number {
    return this.world.evses.length * this.receivers.size;
  }

  /** Changes every EVSE; once all changes are acknowledged, counts what arrives until nearly all of it is there. */
  async measure(): Promise<Rate> {
    const { world, receivers, context } = this;
    const status = this.turn++ % 2 === 0 ? 'CHARGING' : 'AVAILABLE';
    this.stamp = Math.max(this.stamp, Date.now());
    const changes = world.evses.map((evse) => world.statusChange(evse, status, new Date(this.stamp++).toISOString()));
    await receivers.keep(captured);
    const before = await receivers.count();
    await context.load.run(world.loadOf(changes));
    const start = await receivers.count();
    const cpuBefore = world.hub.process.cpuSeconds();
    const nearlyAll = before.pushes + 0.95 * this.size;
    if (start.pushes >= nearlyAll) throw new Error('The hub kept up with the changes: there is nothing to measure.');
    const end = await this.arrived(nearlyAll);
    const pushes = end.pushes - start.pushes;
    const cpuMicros = ((world.hub.process.cpuSeconds() - cpuBefore) * 1e6) / pushes;
    await this.arrived(before.pushes + this.size);
    return { perSecond: (pushes * 1000) / (end.at - start.at), cpuMicros };
  }

  /** What the receivers got last, for the floor to send again. */
  async bareRun(client: BareRun['client']): Promise<BareRun> {
    const pushes: BarePush[][] = Array.from({ length: this.receivers.size }, () => []);
    for (const push of await this.receivers.kept()) pushes[push.receiver]?.push(parsed(push));
    return { pushes, atOnce: inFlight, each: this.world.evses.length, client };
  }

  /** How what was kept was sent. */
  async methods(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const push of await this.receivers.kept()) {
      const { method } = parsed(push);
      counts[method] = (counts[method] ?? 0) + 1;
    }
    return counts;
  }

  private async arrived(pushes: number): Promise<Count> {
    const deadline = performance.now() + patience;
    for (;;) {
      const count = await this.receivers.count();
      if (count.pushes >= pushes) return count;
      if (performance.now() > deadline) throw new Error(`Only ${count.pushes} of ${pushes} pushes arrived.`);
      await sleep(50);
    }
  }
}

function parsed({ bytes }: Push): BarePush {
  const text = Buffer.from(bytes).toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const [method = '', path = ''] = first.split(' ');
  const headers = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  const port = Number(/:(\d+)$/.exec(headers[headers.indexOf('Host') + 1] ?? '')?.[1]);
  return { port, method, path, headers: headers.filter(kept), body: text.slice(end + 4) };
}

/** All but what Node adds by itself. */
const kept = (_text: string, index: number, all: readonly string[]): boolean =>
  (all[index - (index % 2)] ?? '').toLowerCase() !== 'connection';
