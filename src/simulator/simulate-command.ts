import { type Command, InvalidArgumentError } from 'commander';
import { cpoRoutes, emspRoutes } from './control/control-routes.js';
import { ControlServer } from './control/control-server.js';
import { CpoSimulator } from './cpo-simulator.js';
import { ownersInFile } from './data/ndjson.js';
import { EmspSimulator } from './emsp-simulator.js';
import { type Fault, parseFault } from './faults/fault.js';
import type { SimulatedParty } from './http/exchange.js';
import type { Platform, PlatformOptions } from './platform.js';

interface CommonFlags {
  name?: string;
  host: string;
  port: number;
  publicUrl?: string;
  basePath?: string;
  controlPort: number;
  parties?: string[];
  versionsUrl?: string;
  token?: string;
  invite?: boolean;
  seed: number;
  fault: Fault[];
  without?: string[];
}

interface CpoFlags extends CommonFlags {
  data?: string;
  tariffs?: string;
  owners?: string[];
  locations: number;
  pageLimit: number;
  pushOnly?: boolean;
  putAll?: boolean;
  concurrency: number;
  rate?: number;
  speedUp?: number;
  count?: number;
  duration?: number;
}

interface EmspFlags extends CommonFlags {
  role: string;
  ignoreStale?: boolean;
  pull?: boolean;
  tokens: number;
  pushTokens?: boolean;
}

/** Adds `simulate cpo` and `simulate emsp` to a program. They run until SIGINT or SIGTERM. */
export function addSimulateCommand(program: Command): void {
  const simulate = program
    .command('simulate')
    .description(
      'run a partner platform to try a hub with: it handshakes, serves, receives and, if told to, misbehaves',
    );
  addPartnerCommands(simulate);
}

/** Adds the commands `cpo` and `emsp` themselves. */
export function addPartnerCommands(parent: Command): void {
  common(parent.command('cpo').description('a CPO platform with one or several parties'))
    .option('--data <file>', 'NDJSON file (.gz too) with Locations; default: invented ones')
    .option('--tariffs <file>', 'NDJSON file (.gz too) with Tariffs')
    .option('--owners <list>', 'CPO parties whose objects to take from the files, or "all"', list)
    .option('--locations <n>', 'invented Locations for each party', integer, 100)
    .option('--page-limit <n>', 'largest page that lists give out', integer, 100)
    .option('--push-only', 'offer no SENDER interface, so that nobody can pull')
    .option('--put-all', 'PUT everything at the hub after registration')
    .option('--concurrency <n>', 'requests in flight with --put-all', integer, 16)
    .option('--rate <n>', 'status changes a second after that', decimal)
    .option('--speed-up <n>', 'instead of a rate: simulated seconds a second', decimal)
    .option('--count <n>', 'stop the stream after so many changes', integer)
    .option('--duration <s>', 'stop the stream after so many seconds', decimal)
    .action(runCpo);
  common(parent.command('emsp').description('an eMSP platform (or NSP, NAP, OTHER) with one or several parties'))
    .option('--role <role>', 'role of parties given without one', 'EMSP')
    .option('--ignore-stale', 'acknowledge but do not apply what is older than the copy')
    .option('--pull', "pull the hub's lists after registration")
    .option('--tokens <n>', 'tokens that each eMSP party has given out', integer, 10)
    .option('--push-tokens', 'PUT them at the hub after registration')
    .action(runEmsp);
}

function common(command: Command): Command {
  return command
    .option('--name <name>', 'name in states and logs')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'OCPI port, 0 = a free one', integer, 0)
    .option('--public-url <url>', 'origin that partners see')
    .option('--base-path <path>', 'path in front of all OCPI URLs')
    .option('--control-port <n>', 'port of the control server on loopback, 0 = a free one', integer, 0)
    .option('--parties <list>', 'own parties, such as DE/CP1,DE/CP2 or DE/EM9:NSP', list)
    .option('--versions-url <url>', 'versions URL of the hub to register at')
    .option('--token <token>', "the hub's token A")
    .option('--invite', 'print a token A of its own, for a hub that starts the handshake')
    .option('--seed <n>', 'seed of everything random', integer, 1)
    .option('--without <list>', 'modules not to offer, such as hubclientinfo,chargingprofiles', list)
    .option('--fault <fault>', 'misbehave: slow=500, error500@0.1, dead=5000 … (repeatable)', collectFault, []);
}

async function runCpo(flags: CpoFlags): Promise<void> {
  const owners =
    flags.owners?.[0] === 'all' && flags.data ? [...(await ownersInFile(flags.data)).keys()] : flags.owners;
  const named = [...(owners ?? []), ...(flags.parties ?? [])];
  const parties = partiesOf(named.length === 0 ? ['DE/CP1'] : [...new Set(named)], 'CPO');
  const options = { ...platformOptions(flags, parties), pageLimit: flags.pageLimit, pushOnly: flags.pushOnly === true };
  const cpo = new CpoSimulator(options);
  if (flags.data === undefined) cpo.generate(flags.locations);
  else await cpo.load('locations', flags.data);
  if (flags.tariffs !== undefined) await cpo.load('tariffs', flags.tariffs);
  const state = (): object => ({ catalogue: cpo.state().catalogue });
  const registered = await launch(cpo, 'cpo', flags, new ControlServer(cpoRoutes(cpo)), state);
  if (!registered) return;
  if (flags.putAll === true) {
    const job = await cpo.putAll({ concurrency: flags.concurrency });
    print({ event: 'put-all', ...job.state() });
  }
  if (flags.rate === undefined && flags.speedUp === undefined) return;
  await cpo.runStream({
    ...(flags.rate === undefined ? {} : { rate: flags.rate }),
    ...(flags.speedUp === undefined ? {} : { speedUp: flags.speedUp }),
    ...(flags.count === undefined ? {} : { count: flags.count }),
    ...(flags.duration === undefined ? {} : { durationSeconds: flags.duration }),
  });
  print({ event: 'stream-ended', ...cpo.stream?.state() });
}

async function runEmsp(flags: EmspFlags): Promise<void> {
  const parties = partiesOf(flags.parties ?? ['FR/EM1'], flags.role);
  const options = { ...platformOptions(flags, parties), ignoreStale: flags.ignoreStale === true };
  const emsp = new EmspSimulator(options);
  emsp.provider?.wallet.generate(flags.tokens);
  const registered = await launch(emsp, 'emsp', flags, new ControlServer(emspRoutes(emsp)), () => ({}));
  const { provider } = emsp;
  if (registered && flags.pushTokens === true && provider !== undefined) {
    print({ event: 'tokens-pushed', ...(await provider.tokens.push(provider.wallet.tokens)) });
  }
  if (registered && flags.pull === true) print({ event: 'pulled', lists: await emsp.pull() });
}

/** Starts platform and control server, says so on standard output, and registers if told where. */
async function launch(
  platform: Platform,
  kind: string,
  flags: CommonFlags,
  control: ControlServer,
  more: () => object,
): Promise<boolean> {
  await platform.start();
  const control_port = await control.start(flags.controlPort);
  const end = (): void => {
    Promise.all([platform.stop(), control.stop()]).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  const { name, listeningPort: port, versionsUrl: versions_url } = platform;
  const parties = platform.parties.map(({ country_code, party_id, role }) => ({ country_code, party_id, role }));
  print({ event: 'started', kind, name, pid: process.pid, port, control_port, versions_url, parties, ...more() });
  if (flags.invite === true) print({ event: 'invitation', ...platform.invite() });
  if (flags.versionsUrl === undefined || flags.token === undefined) return false;
  try {
    await platform.register({ versions_url: flags.versionsUrl, token: flags.token });
    print({ event: 'registered', peer: platform.link.peer?.roles });
    return true;
  } catch (error) {
    print({ event: 'registration-failed', error: error instanceof Error ? error.message : String(error) });
    return false;
  }
}

function platformOptions(flags: CommonFlags, parties: SimulatedParty[]): PlatformOptions {
  return {
    parties,
    host: flags.host,
    port: flags.port,
    seed: flags.seed,
    faults: flags.fault,
    ...(flags.without === undefined ? {} : { without: flags.without }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.publicUrl === undefined ? {} : { publicUrl: flags.publicUrl }),
    ...(flags.basePath === undefined ? {} : { basePath: flags.basePath }),
  };
}

/** `DE/CP1` or `DE/CP1:ROLE` → parties. */
export function partiesOf(names: readonly string[], defaultRole: string): SimulatedParty[] {
  return names.map((text) => {
    const match = /^([A-Za-z]{2})\/([A-Za-z0-9]{3})(?::([A-Z]+))?$/.exec(text);
    if (match === null) throw new InvalidArgumentError(`"${text}" is no party such as DE/CP1 or DE/CP1:EMSP`);
    return { country_code: match[1] ?? '', party_id: match[2] ?? '', role: match[3] ?? defaultRole };
  });
}

const print = (event: object): void => console.log(JSON.stringify(event));

const list = (text: string): string[] => text.split(',').filter((item) => item !== '');

function integer(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('not a whole number');
  return Number(text);
}

function decimal(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('not a number');
  return Number(text);
}

function collectFault(text: string, before: Fault[]): Fault[] {
  try {
    return [...before, parseFault(text)];
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
