import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { credentialsText } from '../../src/simulator/handshake/credentials.js';
import { newToken, type PeerEndpoint } from '../../src/simulator/handshake/peer-link.js';
import type { CpoSimulator, EmspSimulator } from '../../src/simulator/index.js';
import { parseFault } from '../../src/simulator/index.js';
import { Random } from '../../src/simulator/random.js';
import { claimsOf, lasting, report, until, World } from '../support/e2e/index.js';
import { type Answer, callHttp } from '../support/hub/index.js';

const seed = process.env.ROAMHUB_TEST_SEED ?? '1';
const rounds = 8;

/** What a platform needs to POST its credentials, and to do it again with the same. */
interface Registration {
  readonly emsp: EmspSimulator;
  readonly tokenA: string;
  readonly tokenB: string;
  readonly endpoints: readonly PeerEndpoint[];
}

describe(`handshakes that are cut off and raced (P15; seed ${seed})`, () => {
  let world: World;
  let cpo: CpoSimulator;
  const emsps: EmspSimulator[] = [];

  beforeAll(async () => {
    world = await World.start();
    cpo = await world.cpo('DE/CP1', { pushOnly: true });
    cpo.generate(3);
    await world.join(cpo);
  });

  afterAll(() => world.close());

  const prepare = async (party: string): Promise<Registration> => {
    const emsp = await world.emsp(party);
    const { token: tokenA, versions_url } = await world.hub.admin.invite(emsp.name, claimsOf(emsp));
    const endpoints = await emsp.handshake.discover(versions_url, tokenA);
    const tokenB = newToken();
    emsp.link.admit(tokenB, 'pending');
    return { emsp, tokenA, tokenB, endpoints };
  };

  const post = ({ emsp, tokenA, tokenB, endpoints }: Registration): Promise<Answer> =>
    callHttp('POST', endpoints.find(({ identifier }) => identifier === 'credentials')?.url ?? '', {
      token: tokenA,
      body: credentialsText(tokenB, emsp.versionsUrl, emsp.parties),
      headers: { Connection: 'close' },
    });

  /** The platform has its answer and begins to use it. */
  const establish = ({ emsp, tokenB, endpoints }: Registration, answer: Answer): void => {
    const { token, url } = answer.data as { token: string; url: string };
    const roles = [{ role: 'HUB', country_code: 'NL', party_id: 'HUB' }];
    emsp.link.establish({ versionsUrl: url, outboundToken: token, roles, endpoints: [...endpoints] }, tokenB);
    emsps.push(emsp);
  };

  it('are finished by repeating the POST, whenever the hub died', async () => {
    const random = new Random(`handshake/${seed}`);
    const told: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const registration = await prepare(`NL/E0${round}`);
      // Two calls of the hub at the platform, of 20 ms each, before it stores anything.
      await registration.emsp.setFaults([parseFault({ kind: 'slow', value: 20, on: 'configuration' })]);
      const first = post(registration).catch(() => undefined);
      await lasting(random.int(0, 90));
      await world.hub.kill();
      const early = await first;
      await world.hub.start();
      const answer = await until(
        'the POST is taken',
        async () => {
          if (early?.status === 200 && early.body.status_code === 1000) return early;
          const again = await post(registration);
          told.push(`${again.status}/${again.body.status_code}`);
          return again.status === 200 && again.body.status_code === 1000 && again;
        },
        { everyMs: 200 },
      );
      await registration.emsp.setFaults([]);
      establish(registration, answer);
    }
    report(`${rounds} handshakes cut off; answers to their repetition: ${told.join(' ')}`);
  });

  it('leave one partner with one lane each, and nobody without', async () => {
    const names = ['DE/CP1', ...emsps.map((emsp) => emsp.name)];
    expect((await world.hub.admin.partners()).map(({ name }) => name)).toEqual(names);
    expect((await world.hub.admin.lanes()).map(({ partner }) => partner).sort()).toEqual(names);
    expect((await world.hub.admin.audit()).chain).toEqual({ intact: true, first_broken: null });
  });

  it('leave partners that are pushed to and that can read', async () => {
    await cpo.putAll();
    await world.converged(emsps);
  });

  it('let one of fifty in who come with the same token A', async () => {
    const registration = await prepare('NL/RAC');
    const rivals = Array.from({ length: 50 }, () => ({ ...registration, tokenB: newToken() }));
    for (const { tokenB } of rivals) registration.emsp.link.admit(tokenB, 'pending');
    const answers = await Promise.all(rivals.map(async (rival) => ({ rival, answer: await post(rival) })));
    const won = answers.filter(({ answer }) => answer.status === 200 && answer.body.status_code === 1000);
    expect(won).toHaveLength(1);
    expect(answers.filter(({ answer }) => answer.status >= 500 && answer.status !== 503)).toEqual([]);
    const [winner] = won;
    if (!winner) throw new Error('nobody won');
    establish(winner.rival, winner.answer);
    expect((await world.hub.admin.partners()).filter(({ name }) => name === 'NL/RAC')).toHaveLength(1);
    await registration.emsp.pull();
    await world.converged([registration.emsp]);
    // The others' tokens open nothing, neither token A any more.
    const spent = await callHttp('GET', world.hub.versionsUrl, {
      token: registration.tokenA,
      headers: { Connection: 'close' },
    });
    expect(spent.status).toBe(401);
  });

  it('let a partner come back that left, with one lane', async () => {
    const [emsp] = emsps;
    if (!emsp) throw new Error('no partner');
    await emsp.unregister();
    const registration = await world.hub.admin.invite(emsp.name, claimsOf(emsp));
    await emsp.register(registration);
    await emsp.pull();
    await cpo.runStream({ rate: 100, count: 20 });
    await world.converged([emsp]);
    expect((await world.hub.admin.lanes()).filter(({ partner }) => partner === emsp.name)).toHaveLength(1);
  });
});
