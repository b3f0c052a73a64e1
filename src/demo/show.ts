import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../kernel/clock.js';
import { checkCopies, judge } from './checks.js';
import { Play } from './play.js';
import { report } from './report.js';
import type { Screen } from './screen.js';
import type { Stage } from './stage.js';
import { duration } from './table.js';
import { Watch } from './watch.js';

export interface ShowOptions {
  /** Where logs and data are. */
  readonly folder: string;
  readonly redisUrl: string | undefined;
  /** Resolves to an exit code when the person has had enough. */
  readonly interrupted: Promise<number>;
}

/** The person has had enough before the end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor(readonly exitCode: number) {
    super('interrupted');
  }
}

/** An object on its way to a partner may have to wait for a repetition; the comparison is made again for so long. */
const patienceMs = 60_000;

/** Plays the whole demo and returns the exit code. */
export async function runShow(stage: Stage, screen: Screen, options: ShowOptions): Promise<number> {
  const startedAt = systemClock.now();
  const stopped = options.interrupted.then((code): never => {
    throw new Interrupted(code);
  });
  stopped.catch(() => undefined);
  // The work, unless the person has had enough or a process ends by itself.
  const watched = <T>(work: Promise<T>): Promise<T> => Promise.race([work, stage.died, stopped]);
  await watched(introduce(stage, screen, options));
  const watch = new Watch(stage, systemClock, (view) => screen.show(view));
  const play = new Play(stage, screen, watch, systemClock);
  watch.start();
  let holds: boolean;
  try {
    await watched(play.load());
    await watched(play.meet());
    await watched(play.stream());
    await watched(play.settle());
    const charge = await watched(play.charge());
    const driver = await watched(play.drive());
    await watched(play.settle());
    screen.say();
    screen.say('7. Is it true? Every copy is compared with the hub, object by object');
    const step = (doing: string): void => {
      watch.title = doing;
    };
    const copies = await watched(compareUntilEqual(stage, screen, step));
    const verdict = await watched(judge(stage, [copies, ...charge.checks, driver], step));
    await watch.stop();
    screen.clear();
    screen.say();
    holds = await report(screen, stage, play.record, verdict);
  } finally {
    await watch.stop();
  }
  screen.say(`The whole demo took ${duration(systemClock.now() - startedAt)}. Logs: ${options.folder}`);
  if (stage.demo.keep) await keepRunning(stage, screen, options.interrupted);
  return holds ? 0 : 1;
}

async function introduce(stage: Stage, screen: Screen, { redisUrl, folder }: ShowOptions): Promise<void> {
  const { cast, demo } = stage;
  screen.say(
    'Roamhub demo: charge point operators (CPOs) and mobility service providers (eMSPs) meet through one OCPI 2.2.1 hub.',
  );
  if (cast.files !== undefined) {
    screen.tell(
      `Real data: ${cast.files.locations}${cast.files.tariffs === undefined ? '' : ` and ${cast.files.tariffs}`}. ` +
        `Because each copy of a whole country takes memory and time, each eMSP has one party only.`,
      '',
    );
  }
  screen.say();
  screen.say('1. The hub starts, with a data directory of its own');
  await stage.hub.started();
  screen.say(`   OCPI       ${stage.hub.publicUrl}/ocpi/versions`);
  screen.say(`   Console    ${stage.hub.adminUrl}`);
  screen.say(`   Storage    SQLite in ${stage.hub.dataDir}`);
  screen.say(`   Queue      ${demo.redis ? `BullMQ on ${redisUrl}` : 'embedded (no Redis needed)'}`);
  screen.say(`   Log        ${folder}/hub.log`);
}

async function compareUntilEqual(stage: Stage, screen: Screen, step: (doing: string) => void) {
  const startedAt = systemClock.now();
  let said = false;
  for (;;) {
    const { check, allEqual } = await checkCopies(stage.emsps, step);
    const waited = systemClock.now() - startedAt;
    if (allEqual || waited > patienceMs) return check;
    if (!said)
      screen.tell(
        `Not equal yet: ${check.problems[0]}. The hub may still be repeating something: one minute of patience …`,
      );
    said = true;
    await pause(3_000);
  }
}

async function keepRunning(stage: Stage, screen: Screen, interrupted: Promise<number>): Promise<void> {
  for (const { role, process } of stage.cpos)
    await process.startStream(Math.max(1, (stage.demo.rate * role.share) / 4));
  const { hub } = stage;
  screen.say();
  screen.say('Everything goes on running, with a thin stream of status changes. Ctrl-C ends it and removes its data.');
  screen.say(`   Console      ${hub.adminUrl}`);
  screen.say(`   Admin token  in ${hub.tokenFile}`);
  screen.say('   To connect a platform of your own, let the hub invite it:');
  screen.say(`     curl -s ${hub.adminUrl}/api/invites -H "Authorization: Bearer $(cat ${hub.tokenFile})" \\`);
  screen.say('       -H "Content-Type: application/json" \\');
  screen.say(`       -d '{"name":"Mine","roles":[{"country_code":"DE","party_id":"ME1","role":"EMSP"}]}'`);
  screen.say(
    '   and register there with the token and the versions_url that it answers, or with a simulated platform:',
  );
  screen.say('     node dist/simulator/main.js emsp --parties DE/ME1 --pull --versions-url … --token …');
  await Promise.race([interrupted, stage.died]);
  screen.say();
  screen.say('Ending all processes …');
}
