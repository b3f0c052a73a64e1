import { setTimeout as delay } from 'node:timers/promises';
import { credentialsText } from '../../../src/simulator/handshake/credentials.js';
import { newToken, type PeerEndpoint } from '../../../src/simulator/handshake/peer-link.js';
import { until } from '../../support/e2e/until.js';
import { claimsOf } from '../../support/e2e/world.js';
import { type Answer, callHttp } from '../../support/hub/http-call.js';
import type { Scenario } from '../framework/bench.js';
import { type KillPoint, KillPoints } from '../framework/kill-points.js';
import type { Partner } from '../framework/partner.js';
import { Scene } from '../framework/scene.js';

const rivals = 50;
/** Where the hub dies in a registration. It calls the platform twice, for versions and details. */
const steps: readonly (readonly [KillPoint, number])[] = [
  ['before an answer', 1],
  ['after a call', 2],
  ['before a call', 1],
  ['after a call', 1],
  ['after an answer', 1],
];

/** What a platform needs to POST its credentials, and to do it again with the same. */
interface Registration {
  readonly partner: Partner;
  readonly tokenA: string;
  readonly tokenB: string;
  readonly endpoints: readonly PeerEndpoint[];
}

/** Registrations that are raced and cut off. */
export const handshake: Scenario = {
  name: 'handshake',
  about:
    '50 parallel POSTs of credentials with one token A, over all nodes; kill -9 in the middle of others; --rounds N',
  promises: ['P15'],
  async run(bench) {
    const { random } = bench;
    const rounds = bench.options.rounds ?? (bench.options.quick ? 1 : 20);
    const scene = await Scene.lay(bench, { locations: 5, partners: 1 });
    let winners = 0;
    let failures = 0;
    const spentAfter: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const registration = await prepare(scene, `raced-${round}`);
      const all = Array.from({ length: rivals }, () => ({ ...registration, tokenB: newToken() }));
      for (const { partner, tokenB } of all) partner.emsp.link.admit(tokenB, 'pending');
      const origins = scene.cluster.origins();
      const answers = await Promise.all(
        all.map(async (rival, index) => ({ rival, answer: await post(rival, origins[index % origins.length]) })),
      );
      const won = answers.filter(({ answer }) => isSuccess(answer));
      winners += won.length;
      failures += answers.filter(({ answer }) => answer.status >= 500 && answer.status !== 503).length;
      const [winner] = won;
      if (winner) establish(winner.rival, winner.answer);
      const startedAt = performance.now();
      const isSpent = async (): Promise<boolean> => {
        const statuses = await Promise.all(origins.map((origin) => statusOf(origin, registration.tokenA)));
        return statuses.every((status) => status === 401);
      };
      while (!(await isSpent()) && performance.now() - startedAt < 20_000) await delay(20);
      spentAfter.push(performance.now() - startedAt);
    }
    bench.figure('P15', `registrations that ${rounds} races of ${rivals} let through`, winners, { equals: rounds });
    bench.figure('P15', 'answers 500 in the races', failures, { equals: 0 });
    bench.figure(
      'P15',
      'a used token A opens nothing any more at any node',
      Math.max(...spentAfter),
      { at_most: 5_000 },
      'ms',
    );

    const killPoints = new KillPoints();
    bench.own(() => killPoints.remove());
    // A short run tries the two that matter most, and on several nodes one.
    const cuts = bench.options.quick ? steps.slice(0, bench.options.nodes > 1 ? 1 : 2) : steps;
    let early = 0;
    let deaths = 0;
    let finished = 0;
    let slowest = 0;
    for (let round = 0; round < rounds * cuts.length; round++) {
      const [point, nth] = cuts[round % cuts.length] ?? ['before a call', 1];
      const node = random.pick(scene.cluster.nodes);
      await node.terminate();
      killPoints.arm(node, point, nth);
      await node.start();
      const registration = await prepare(scene, `cut-${round}`);
      const program = node.exit;
      const answered = await post(registration, node.publicUrl).catch(() => undefined);
      const died = await Promise.race([program, delay(5_000, undefined)]);
      if (died?.signal === 'SIGKILL') deaths += 1;
      else await node.kill();
      killPoints.disarm(node);
      await node.start();
      if (answered && isSuccess(answered)) early += 1;
      const told = new Set<string>();
      const repeat = async (): Promise<Answer | false> => {
        if (answered && isSuccess(answered)) return answered;
        const again = await post(registration, scene.cluster.origins()[0]);
        told.add(`${again.status}/${again.body.status_code} ${again.body.status_message ?? ''}`);
        return isSuccess(again) && again;
      };
      const startedAt = performance.now();
      const answer = await until('the repeated POST is taken', repeat, { everyMs: 200, deadlineMs: 60_000 }).catch(
        () => {
          bench.say(`died ${point}: the repeated POST was answered ${[...told].join(', ')}`);
        },
      );
      if (!answer) continue;
      finished += 1;
      slowest = Math.max(slowest, performance.now() - startedAt);
      establish(registration, answer);
    }
    bench.figure('P15', 'nodes that died where they should', deaths, { equals: rounds * cuts.length });
    bench.figure(
      'P15',
      'registrations that were cut off and finished by repeating the POST',
      finished,
      { equals: rounds * cuts.length },
      '',
      `${early} had their answer before`,
    );

    bench.figure('P15', 'longest time until the repeated POST was taken', slowest, undefined, 'ms');

    const names = [scene.cpo.name, ...scene.partners.map(({ name }) => name)].sort().join(' ');
    const partners = (await scene.cluster.admin.partners()).map(({ name }) => name).sort();
    const lanes = (await scene.cluster.admin.lanes()).map(({ partner }) => partner).sort();
    bench.figure(
      'P15',
      'partners and lanes other than one for each',
      Number(partners.join(' ') !== names) + Number(lanes.join(' ') !== names),
      { equals: 0 },
    );
    // New partners are told everything, and can read.
    for (const { emsp } of scene.partners) await emsp.pull();
    scene.driver.resume();
    await delay(500);
    await scene.driver.pause();
    bench.figure('P3', 'all of them equal after a few writes', await scene.converged(), { at_most: 5_000 }, 'ms');
    await scene.finish();
    bench.charge({ copies: scene.partners.map(({ name }) => name) });
  },
};

async function prepare(scene: Scene, name: string): Promise<Registration> {
  const partner = scene.add(name);
  const { emsp } = partner;
  await emsp.start();
  const { token: tokenA, versions_url } = await scene.cluster.admin.invite(name, claimsOf(emsp));
  const endpoints = await emsp.handshake.discover(versions_url, tokenA);
  const tokenB = newToken();
  emsp.link.admit(tokenB, 'pending');
  return { partner, tokenA, tokenB, endpoints };
}

function post({ partner, tokenA, tokenB, endpoints }: Registration, origin = ''): Promise<Answer> {
  const { url = '' } = endpoints.find(({ identifier }) => identifier === 'credentials') ?? {};
  return callHttp('POST', origin + new URL(url).pathname, {
    token: tokenA,
    body: credentialsText(tokenB, partner.emsp.versionsUrl, partner.emsp.parties),
    headers: { Connection: 'close' },
  });
}

async function statusOf(origin: string, token: string): Promise<number> {
  return (await callHttp('GET', `${origin}/ocpi/versions`, { token, headers: { Connection: 'close' } })).status;
}

const isSuccess = ({ status, body }: Answer): boolean => status === 200 && body.status_code === 1000;

/** The platform has its answer and begins to use it. */
function establish({ partner, tokenB, endpoints }: Registration, answer: Answer): void {
  const { token, url } = answer.data as { token: string; url: string };
  const roles = [{ role: 'HUB', country_code: 'NL', party_id: 'HUB' }];
  partner.emsp.link.establish({ versionsUrl: url, outboundToken: token, roles, endpoints: [...endpoints] }, tokenB);
}
