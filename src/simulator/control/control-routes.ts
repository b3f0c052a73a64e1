import type { CpoSimulator } from '../cpo-simulator.js';
import type { EmspSimulator } from '../emsp-simulator.js';
import { type FaultInput, parseFault } from '../faults/fault.js';
import { isRecord } from '../handshake/credentials.js';
import type { Platform } from '../platform.js';
import type { OwnedModule } from '../sender/catalogue.js';
import { canonicalHash } from '../wire/canonical.js';
import { fromWire, toWire } from '../wire/wire-text.js';
import { operatorRoutes, providerRoutes } from './charging-routes.js';
import { defined, flagIn, listIn, numberIn, partyIn, requiredText, textIn } from './control-input.js';
import { type ControlInput, ControlInputError, type ControlRoutes, Lines } from './control-server.js';

/** Work that a control call only starts; how it ended is part of the state. */
class Jobs {
  lastError: string | undefined;

  /** Starts the work; waits for it if the caller asks for that. */
  async start(input: ControlInput, work: Promise<unknown>): Promise<unknown> {
    if (flagIn(input, 'wait')) return work;
    work.catch((error: unknown) => {
      this.lastError = String(error);
    });
    return { started: true };
  }
}

/** Control calls of a CPO simulator. */
export function cpoRoutes(cpo: CpoSimulator): ControlRoutes {
  const jobs = new Jobs();
  return {
    ...platformRoutes(cpo, jobs),
    ...(cpo.provider === undefined ? {} : providerRoutes(cpo.provider)),
    ...operatorRoutes(
      cpo.operator,
      cpo.parties.filter((party) => party.role === 'CPO'),
    ),
    'GET /snapshot': () => snapshotLines(cpo.objects()),
    'GET /object': (input) => objectAnswer(cpo.object(requiredText(input, 'key'))),
    'GET /acknowledged': () => acknowledgedLines(cpo),
    'POST /put-all': (input) => {
      const options = {
        concurrency: numberIn(input, 'concurrency'),
        limit: numberIn(input, 'limit'),
        modules: modulesIn(input),
      };
      return jobs.start(
        input,
        cpo.putAll(defined(options)).then((job) => job.state()),
      );
    },
    'POST /verify': (input) => cpo.verify(numberIn(input, 'concurrency')),
    'POST /stream': (input) => {
      const options = defined({
        rate: numberIn(input, 'rate'),
        speedUp: numberIn(input, 'speedUp'),
        durationSeconds: numberIn(input, 'durationSeconds'),
        count: numberIn(input, 'count'),
        concurrency: numberIn(input, 'concurrency'),
      });
      if (options.rate === undefined && options.speedUp === undefined) throw new ControlInputError('rate is missing');
      return jobs.start(
        input,
        cpo.runStream(options).then(() => cpo.stream?.state()),
      );
    },
    'POST /status': async (input) => ({
      accepted: await cpo.setStatus(
        requiredText(input, 'key'),
        requiredText(input, 'evse_uid'),
        requiredText(input, 'status'),
      ),
    }),
    'POST /stop-stream': () => {
      cpo.stopStream();
      return cpo.stream?.state();
    },
  };
}

/** Control calls of an eMSP simulator. */
export function emspRoutes(emsp: EmspSimulator): ControlRoutes {
  const jobs = new Jobs();
  return {
    ...platformRoutes(emsp, jobs),
    ...(emsp.provider === undefined ? {} : providerRoutes(emsp.provider)),
    'GET /snapshot': (input) => snapshotLines(emsp.objects(partyIn(input, 'party'))),
    'GET /object': (input) => objectAnswer(emsp.object(requiredText(input, 'key'), partyIn(input, 'party'))),
    'POST /pull': (input) => {
      const options = {
        party: partyIn(input, 'party'),
        limit: numberIn(input, 'limit'),
        dateFrom: textIn(input, 'dateFrom'),
        modules: modulesIn(input),
      };
      return jobs.start(input, emsp.pull(defined(options)));
    },
    'POST /compare': (input) => emsp.compare(partyIn(input, 'party')),
    'POST /reset-lags': () => emsp.receiver.receipts.resetLags(emsp.clock.now()),
  };
}

function platformRoutes(platform: Platform, jobs: Jobs): ControlRoutes {
  return {
    'GET /state': () => ({
      ...platform.state(),
      last_error: jobs.lastError,
      memory_rss: process.memoryUsage.rss(),
      cpu: process.cpuUsage(),
    }),
    'GET /connection': () => ({
      inbound_token: platform.link.inboundToken,
      outbound_token: platform.link.peer?.outboundToken,
      peer: platform.link.peer && { ...platform.link.peer, outboundToken: undefined },
    }),
    'GET /legs': (input) => new Lines(platform.legs.list(textIn(input, 'correlation_id'))),
    'GET /client-infos': () => new Lines(clientLines(platform)),
    'POST /pull-client-infos': () => platform.pullClientInfos(),
    'POST /invite': () => platform.invite(),
    'POST /register': async (input) => {
      await platform.register({
        versions_url: requiredText(input, 'versions_url'),
        token: requiredText(input, 'token'),
      });
      return { registered: true, peer: platform.link.peer?.roles };
    },
    'POST /rotate': () => platform.rotate(),
    'POST /unregister': () => platform.unregister(),
    'POST /die': () => platform.die(),
    'POST /revive': () => platform.revive(),
    'POST /faults': async (input) => {
      const faults = (listIn(input, 'faults') ?? []).map((fault) => parseFault(faultIn(fault)));
      await platform.setFaults(faults);
      return { faults: platform.faults.list() };
    },
    'POST /send': async (input) => {
      const role = requiredText(input, 'role');
      if (role !== 'SENDER' && role !== 'RECEIVER') throw new ControlInputError('role is SENDER or RECEIVER');
      const body = input.body === undefined || typeof input.body === 'string' ? input.body : JSON.stringify(input.body);
      const answer = await platform.send({
        method: requiredText(input, 'method'),
        module: requiredText(input, 'module'),
        role,
        path: (listIn(input, 'path') ?? []).map(String),
        body: body === undefined ? undefined : toWire(body),
        open: flagIn(input, 'open'),
        ...defined({ query: textIn(input, 'query'), from: partyIn(input, 'from'), to: partyIn(input, 'to') }),
      });
      const { http, code, message, headers, data } = answer;
      return { http, code, message, headers, data: data === undefined ? undefined : JSON.parse(fromWire(data)) };
    },
  };
}

const clientLines = (platform: Platform): object[] =>
  [...platform.clientInfos.known.values()].map(({ country_code, party_id, role, status, last_updated, by }) => {
    return { country_code, party_id, role, status, last_updated, by };
  });

function faultIn(value: unknown): string | FaultInput {
  if (typeof value === 'string') return value;
  if (!isRecord(value) || typeof value.kind !== 'string') throw new ControlInputError('a fault is text or {kind, …}');
  const methods = listIn(value, 'methods')?.map(String);
  const { kind } = value;
  const text = value.value === undefined ? undefined : String(value.value);
  return { kind, ...defined({ value: text, share: numberIn(value, 'share'), on: textIn(value, 'on'), methods }) };
}

function modulesIn(input: ControlInput): OwnedModule[] | undefined {
  return listIn(input, 'modules')?.map((module) => {
    if (module !== 'locations' && module !== 'tariffs') throw new ControlInputError(`unknown module ${String(module)}`);
    return module;
  });
}

function objectAnswer(text: string | undefined): unknown {
  if (text === undefined) throw new ControlInputError('no such object');
  return { text: fromWire(text) };
}

function* snapshotItems(objects: Iterable<readonly [string, string]>): Generator<{ key: string; hash: string }> {
  for (const [key, text] of objects) yield { key, hash: canonicalHash(text) };
}

/** One line an object, hashed while it is written. */
const snapshotLines = (objects: Iterable<readonly [string, string]>): Lines => new Lines(snapshotItems(objects));

function acknowledgedLines(cpo: CpoSimulator): Lines {
  const entries = [...(cpo.stream?.acknowledged ?? [])];
  return new Lines(
    entries.map(([evse, state]) => ({ key: cpo.catalogue.keyOf(evse.location), uid: evse.uid, ...state })),
  );
}
