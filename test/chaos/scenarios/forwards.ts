import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, Scenario } from '../framework/bench.js';
import { Cluster } from '../framework/cluster.js';
import { CommandPartner, type CommandPartnerOptions, type Manner } from '../framework/command-partner.js';
import { type CommandRecord, CommandSender, type Destination } from '../framework/command-sender.js';

const limitMs = 1_000;

/** Who is sent how much of all. */
const shares: readonly (readonly [string, number])[] = [
  ['quick', 0.45],
  ['slow', 0.25],
  ['reset', 0.25],
  ['down', 0.025],
  ['unknown', 0.025],
];

export interface ForwardsOptions {
  readonly commands: number;
  readonly kills: number;
  /** Senders at work at the same time. */
  readonly senders: number;
  /** What stands between the hub and the quick CPO; gets the CPO's origin, gives its own. */
  readonly between?: (origin: () => string) => Promise<string>;
}

/** Commands to CPOs that fail in every way, while the hub dies under them. */
export const forwards: Scenario = {
  name: 'forwards',
  about:
    'commands to a quick, a slow, a resetting and a dead CPO, kill -9 while they are under way; --commands N --kills N',
  promises: ['P10'],
  async run(bench) {
    const { quick, commands = quick ? 600 : 10_000, kills = quick ? 4 : 25 } = bench.options;
    await sendCommands(bench, { commands, kills, senders: quick ? 24 : 48 });
  },
};

/** A whole run; writes down what was sent, what was answered and what was carried out. */
export async function sendCommands(bench: Bench, options: ForwardsOptions): Promise<void> {
  const { random } = bench;
  const { commands, kills, senders } = options;
  const cluster = await Cluster.prepare({
    ...(await bench.stack()),
    env: { ROAMHUB_FORWARD_TIMEOUT_SECONDS: String(limitMs / 1000) },
  });
  bench.own(() => cluster.remove());
  await cluster.start();
  let quickOrigin = '';
  const join = async (partner: CommandPartnerOptions): Promise<CommandPartner> => {
    const joined = await CommandPartner.listen(partner);
    if (joined.name === 'quick') quickOrigin = joined.ownOrigin;
    bench.own(() => joined.close());
    await joined.register(await cluster.admin.invite(joined.name, [joined.party]));
    return joined;
  };
  const emsps = [
    await join({ name: 'emsp-1', party: { country_code: 'NL', party_id: 'EM1', role: 'EMSP' } }),
    await join({ name: 'emsp-2', party: { country_code: 'FR', party_id: 'EM2', role: 'EMSP' } }),
  ];
  const publicOrigin = await options.between?.(() => quickOrigin);
  const manners: Record<string, Manner | undefined> = {
    slow: (_response, answer) => void setTimeout(answer, limitMs + random.int(100, 1_000)),
    // Half of them, so that the hub keeps connections that then break under a command.
    reset: ({ socket }, answer) => (random.chance(0.5) ? socket?.resetAndDestroy() : answer()),
  };
  const cpos: CommandPartner[] = [];
  for (const [index, name] of ['quick', 'slow', 'reset', 'down'].entries()) {
    const party = { country_code: 'DE', party_id: `CP${index + 1}`, role: 'CPO' };
    const manner = manners[name];
    cpos.push(
      await join({
        name,
        party,
        ...(manner ? { manner } : {}),
        ...(name === 'quick' && publicOrigin !== undefined ? { publicOrigin } : {}),
      }),
    );
  }
  await cpos.at(-1)?.close();
  const nobody = { name: 'unknown', party: { country_code: 'XX', party_id: 'YYY', role: 'CPO' } };
  const destinations = new Map<string, Destination>(
    [...cpos, nobody].map(({ name, party }) => [name, { name, party, repeats: name !== 'down' && name !== 'unknown' }]),
  );
  const sender = new CommandSender(emsps, () => cluster.origins(), random);
  bench.own(() => sender.close());

  const left = shuffledNames(bench, commands);
  const records: CommandRecord[] = [];
  const work = async (): Promise<void> => {
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      const to = destinations.get(name);
      if (to) records.push(await sender.send(to));
    }
  };
  const startedAt = performance.now();
  const working = Promise.all(Array.from({ length: senders }, work));
  let killed = 0;
  for (; killed < kills; killed++) {
    const due = (commands * (killed + random.next() * 0.9)) / (kills + 0.5);
    while (sender.done < due && left.length > 0) await delay(2);
    await delay(random.int(0, 200));
    if (left.length === 0) break;
    const node = random.pick(cluster.nodes);
    await node.kill();
    await delay(random.int(0, 200));
    await node.start();
    if ((killed + 1) % 5 === 0) bench.say(`${killed + 1} kills, ${sender.done} commands answered`);
  }
  await working;
  const seconds = (performance.now() - startedAt) / 1000;
  const settledAt = performance.now();
  // What waited somewhere would go out now.
  for (const node of cluster.nodes) {
    await node.kill();
    await node.start();
  }
  await delay(limitMs + 2_000);
  bench.run.writeLines('commands.ndjson', records);
  bench.run.writeLines(
    'executions.ndjson',
    cpos.flatMap(({ executions }) => executions),
  );
  const cuts = records.flatMap(({ answers }) => answers).reduce((sum, { cut }) => sum + cut, 0);
  const busy = records.flatMap(({ answers }) => answers).reduce((sum, { busy }) => sum + busy, 0);
  bench.figure('P10', 'kills of a hub with commands under way', killed, { equals: kills });
  bench.figure('P10', 'tries that were cut off, and repeated', cuts, { at_least: kills });
  bench.figure('P10', 'answers 503, after which the command was repeated', busy);
  bench.figure('P10', 'commands answered, each second', commands / seconds);
  bench.charge({ commands: { atLeast: commands, settledAt, limitMs } });
}

/** Where each command goes, in any order. */
function shuffledNames({ random }: Bench, commands: number): string[] {
  const names = shares.flatMap(([name, share]) => Array.from({ length: Math.round(commands * share) }, () => name));
  while (names.length < commands) names.push('quick');
  names.length = commands;
  for (let index = names.length - 1; index > 0; index--) {
    const other = random.int(0, index);
    const [one, two] = [names[index], names[other]];
    if (one !== undefined && two !== undefined) [names[index], names[other]] = [two, one];
  }
  return names;
}
