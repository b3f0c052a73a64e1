import { setTimeout as delay } from 'node:timers/promises';
import { Balancer } from '../framework/balancer.js';
import type { Bench } from '../framework/bench.js';
import { wordsOf } from '../framework/command-partner.js';
import { Scene } from '../framework/scene.js';
import { sendCommands } from '../scenarios/forwards.js';
import { HttpProxy, type Passing, type Returning } from './http-proxy.js';

/** A hub or a partner that is made to break a promise, by something between it and the others. */
export interface Mutant {
  readonly name: string;
  readonly promise: string;
  run(bench: Bench): Promise<void>;
}

const judged = { copies: ['partner-1'], order: ['partner-1'], duplicates: { partners: ['partner-1'], atMost: 0 } };

/** What every control is charged with. */
export const charge = { journal: { promise: 'P1', acksAtLeast: 100 }, ...judged, overlaps: ['partner-1'] };

/** The run without any mutation: the verdict must find nothing. */
export async function honest(bench: Bench): Promise<void> {
  const scene = await Scene.lay(bench, { locations: 20, partners: 1 });
  await writeSome(scene, 200);
  await scene.converged();
  await scene.finish();
  bench.charge(charge);
}

const fewCommands = { commands: 40, kills: 0, senders: 8 };

/** The same for commands. */
export const honestCommands = (bench: Bench): Promise<void> => sendCommands(bench, fewCommands);

export const mutants: readonly Mutant[] = [
  {
    name: 'acknowledges before the hub has answered, and the hub is killed',
    promise: 'P1',
    async run(bench) {
      const scene = await withDriverProxy(bench, async (request, forward) => {
        void delay(50)
          .then(() => forward(request))
          .catch(() => undefined);
        return acknowledgement;
      });
      for (let kill = 0; kill < 3; kill++) {
        await writeSome(scene, 100, () => scene.cluster.node(0).kill());
        await delay(100);
        await scene.cluster.node(0).start();
        await scene.checkpoint();
      }
      await scene.converged();
      await scene.finish();
    },
  },
  {
    name: 'acknowledges and stores nothing, once in five times',
    promise: 'P1',
    async run(bench) {
      let count = 0;
      const scene = await withDriverProxy(bench, (request, forward) =>
        ++count % 5 === 0 ? Promise.resolve(acknowledgement) : forward(request),
      );
      await writeSome(scene, 300);
      await scene.converged();
      await scene.finish();
    },
  },
  {
    name: 'a push that is answered and thrown away on its way to the partner',
    promise: 'P3',
    run: (bench) =>
      withPartnerProxy(bench, (count, request, forward) =>
        count % 20 === 0 ? Promise.resolve(acknowledgement) : forward(request),
      ),
  },
  {
    name: 'an old push that is repeated after newer ones',
    promise: 'P4',
    run: (bench) => {
      const old: Passing[] = [];
      return withPartnerProxy(bench, async (_count, request, forward) => {
        const answer = await forward(request);
        old.push(request);
        if (old.length > 100) for (const one of old.splice(0)) await forward(one);
        return answer;
      });
    },
  },
  {
    name: 'every push is sent twice',
    promise: 'P7',
    run: (bench) =>
      withPartnerProxy(bench, async (_count, request, forward) => {
        await forward(request);
        return forward(request);
      }),
  },
  {
    name: 'pushes are sent twice at the same time',
    promise: 'P19',
    run: (bench) =>
      withPartnerProxy(
        bench,
        async (_count, request, forward) => {
          const [first] = await Promise.all([forward(request), forward(request)]);
          return first;
        },
        'slow=5',
      ),
  },
  {
    name: 'every command is passed on twice',
    promise: 'P10',
    run: (bench) =>
      withCommandProxy(bench, async (request, forward) => {
        await forward(request);
        return forward(request);
      }),
  },
  {
    name: 'a command is answered and thrown away on its way to the CPO',
    promise: 'P10',
    run: (bench) =>
      withCommandProxy(bench, async ({ headers }) => {
        const message = JSON.stringify(wordsOf(headers['x-correlation-id'] ?? ''));
        const body = `{"data":{"result":"ACCEPTED","timeout":30},"status_code":1000,"status_message":${message},"timestamp":"2026-01-01T00:00:00Z"}`;
        return { ...acknowledgement, body: Buffer.from(body) };
      }),
  },
];

const acknowledgement: Returning = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"status_code":1000,"timestamp":"2026-01-01T00:00:00Z"}'),
};

/** A scene whose driver reaches the hub through a proxy. */
async function withDriverProxy(bench: Bench, handle: Parameters<typeof HttpProxy.listen>[1]): Promise<Scene> {
  let target = '';
  const proxy = await HttpProxy.listen(() => target, handle);
  bench.own(() => proxy.close());
  const scene = await Scene.lay(bench, {
    locations: 20,
    partners: 1,
    driver: { origins: () => [proxy.origin] },
  });
  target = scene.cluster.node(0).publicUrl;
  bench.charge(charge);
  return scene;
}

/** A run in which the pushes to the partner go through a proxy. */
async function withPartnerProxy(
  bench: Bench,
  handle: (count: number, request: Passing, forward: (request: Passing) => Promise<Returning>) => Promise<Returning>,
  fault?: string,
): Promise<void> {
  let count = 0;
  let isOn = false;
  let target = '';
  const proxy = await HttpProxy.listen(
    () => target,
    (request, forward) =>
      isOn && (request.method === 'PUT' || request.method === 'PATCH')
        ? handle(++count, request, forward)
        : forward(request),
  );
  bench.own(() => proxy.close());
  const port = await Balancer.freePort();
  target = `http://127.0.0.1:${port}`;
  const scene = await Scene.lay(bench, {
    locations: 20,
    partners: 1,
    partner: () => ({ port, publicUrl: proxy.origin }),
  });
  isOn = true;
  if (fault !== undefined) await scene.partner(0).setFaults(fault);
  await writeSome(scene, 300);
  await scene.quiet();
  await scene.finish();
  bench.charge(charge);
}

/** A run in which commands to the quick CPO go through a proxy. */
async function withCommandProxy(bench: Bench, handle: Parameters<typeof HttpProxy.listen>[1]): Promise<void> {
  const between = async (origin: () => string): Promise<string> => {
    const proxy = await HttpProxy.listen(origin, (request, forward) =>
      request.url.startsWith('/commands/') ? handle(request, forward) : forward(request),
    );
    bench.own(() => proxy.close());
    return proxy.origin;
  };
  await sendCommands(bench, { ...fewCommands, between });
}

/** Writes so much; `then` happens while the writers are at it. */
async function writeSome(scene: Scene, acks: number, then?: () => Promise<unknown>): Promise<void> {
  const wanted = scene.driver.acks + acks;
  scene.driver.resume();
  while (scene.driver.acks < wanted) await delay(10);
  await then?.();
  await scene.driver.pause();
}
