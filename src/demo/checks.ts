import type { Comparison } from '../simulator/index.js';
import type { AcknowledgedStatus, CpoState } from './simulator-process.js';
import type { CpoActor, EmspActor, Stage } from './stage.js';
import { counted, grouped } from './table.js';

/** One thing that was to be shown. */
export interface Check {
  readonly title: string;
  /** What was found, in one line. */
  readonly found: string;
  /** What differs; empty if the check holds. */
  readonly problems: readonly string[];
}

/** Objects that the rules refused for one reason. */
export interface Refused {
  readonly reason: string;
  readonly count: number;
  readonly example: string;
}

export interface Verdict {
  readonly checks: readonly Check[];
  readonly refused: readonly Refused[];
}

const listed = 5;
/** So many refused objects of a pulled platform are asked about one by one. */
const asked = 2000;

/** How the hub's objects differ from what an owner has. */
export interface OwnerDifference {
  readonly equal: number;
  readonly different: readonly string[];
  /** Owned, not at the hub. */
  readonly missing: readonly string[];
}

/** Compares hashes by key. */
export function compareOwner(own: ReadonlyMap<string, string>, hub: ReadonlyMap<string, string>): OwnerDifference {
  const different: string[] = [];
  const missing: string[] = [];
  for (const [key, hash] of own) {
    const held = hub.get(key);
    if (held === undefined) missing.push(key);
    else if (held !== hash) different.push(key);
  }
  return { equal: own.size - different.length - missing.length, different, missing };
}

interface EvseState {
  readonly uid?: unknown;
  readonly status?: unknown;
  readonly last_updated?: unknown;
}

/**
 * Whether a Location shows an acknowledged status: with its very time stamp, or replaced by a newer one.
 * @param text the Location as JSON
 */
export function showsStatus(text: string, { uid, status, last_updated }: AcknowledgedStatus): boolean {
  const { evses } = JSON.parse(text) as { evses?: EvseState[] | null };
  return (evses ?? []).some((evse) => {
    if (evse.uid !== uid || typeof evse.last_updated !== 'string') return false;
    return evse.last_updated === last_updated
      ? evse.status === status
      : Date.parse(evse.last_updated) > Date.parse(last_updated);
  });
}

/** What of an eMSP is needed to compare its copies. */
export interface ComparableEmsp {
  readonly role: Pick<EmspActor['role'], 'name' | 'parties'>;
  readonly process: Pick<EmspActor['process'], 'compare'>;
}

/** The copies of all eMSP parties against the hub's lists, which each party crawls for itself. */
export async function checkCopies(
  emsps: readonly ComparableEmsp[],
  step: (doing: string) => void,
): Promise<{ check: Check; allEqual: boolean }> {
  const problems: string[] = [];
  let equal = 0;
  let parties = 0;
  for (const { role, process } of emsps) {
    for (const party of role.parties.map((text) => text.replace(/:.*/, ''))) {
      step(`Comparing the copy of ${party} with the hub`);
      const result = await process.compare(party);
      parties += 1;
      equal += result.equal;
      problems.push(...comparisonProblems(`${role.name} ${party}`, result));
    }
  }
  const found = `${counted(parties, 'copy', 'copies')}, ${grouped(equal)} objects compared equal, none different, missing or extra`;
  const check = { title: 'Every eMSP party holds exactly what the hub holds', found, problems };
  return { check, allEqual: problems.length === 0 };
}

function comparisonProblems(who: string, result: Comparison): string[] {
  const { equal, different, missing, extra, examples, problems } = result;
  const broken = problems.map((problem) => `${who}: the comparison did not end: ${problem}`);
  if (equal === 0) broken.push(`${who}: there was nothing to compare`);
  if (different + missing + extra === 0) return broken;
  const some = examples.slice(0, listed).map(({ key, problem }) => `${key} (${problem})`);
  return [...broken, `${who}: ${different} different, ${missing} missing, ${extra} extra, such as ${some.join(', ')}`];
}

/** The hub (as a reference eMSP holds it) against the data of the CPOs themselves. */
async function checkOwners(
  stage: Stage,
  hub: Map<string, string>,
  step: (doing: string) => void,
): Promise<{ check: Check; refused: Refused[] }> {
  const problems: string[] = [];
  const refused: Refused[] = [];
  const extra = new Map(hub);
  let equal = 0;
  for (const actor of stage.cpos) {
    const { process, role } = actor;
    step(`Comparing the hub with what ${role.name} owns`);
    const own = await process.snapshot();
    for (const key of own.keys()) extra.delete(key);
    const difference = compareOwner(own, hub);
    equal += difference.equal;
    const { different, missing } = difference;
    if (different.length > 0) problems.push(`${role.name}: ${different.length} differ, such as ${some(different)}`);
    const reasons = await refusalsOf(actor, await process.state(), missing);
    refused.push(...reasons.refused);
    problems.push(...reasons.problems);
  }
  if (extra.size > 0) problems.push(`${extra.size} objects belong to no CPO, such as ${some([...extra.keys()])}`);
  const absent = refused.reduce((sum, { count }) => sum + count, 0);
  const found =
    `${grouped(equal)} objects equal` +
    (absent === 0 ? ', none refused' : `, ${grouped(absent)} refused by the rules (below)`);
  return { check: { title: 'The hub holds exactly what the CPOs own', found, problems }, refused: merged(refused) };
}

/** Why objects of a CPO are not at the hub. */
async function refusalsOf(
  { role, process }: CpoActor,
  state: CpoState,
  missing: readonly string[],
): Promise<{ refused: Refused[]; problems: string[] }> {
  if (role.manner === 'pulled') return askWhy({ role, process }, missing);
  const job = state.put_all;
  const refused = Object.entries(job?.refusals ?? {}).map(([reason, { count, examples }]) => {
    return { reason, count, example: examples[0] ?? '' };
  });
  const problems: string[] = [];
  if (job === undefined || job.failed > 0 || job.done < job.total) {
    problems.push(`${role.name}: ${job?.failed ?? 'all'} PUTs failed: ${JSON.stringify(job?.failures ?? {})}`);
  }
  const lost = missing.length - (job?.refused ?? 0);
  if (lost !== 0)
    problems.push(`${role.name}: ${missing.length} objects are missing, but ${job?.refused} were refused`);
  return { refused, problems };
}

/** A pull tells nobody why it left out an object; a PUT of the same object does. */
async function askWhy(
  { role, process }: Pick<CpoActor, 'role' | 'process'>,
  missing: readonly string[],
): Promise<{ refused: Refused[]; problems: string[] }> {
  const refused: Refused[] = [];
  const problems: string[] = [];
  for (const key of missing.slice(0, asked)) {
    const reason = await process.refusalOf(key);
    if (reason === undefined) problems.push(`${role.name}: ${key} was not pulled although the rules accept it`);
    else refused.push({ reason, count: 1, example: key });
  }
  if (missing.length > asked) {
    refused.push({ reason: 'not asked', count: missing.length - asked, example: missing[asked] ?? '' });
  }
  return { refused, problems };
}

/** Reasons that differ only in a position or a value are one; most frequent first. */
export function merged(refused: readonly Refused[]): Refused[] {
  const sums = new Map<string, Refused>();
  for (const { reason, count, example } of refused) {
    // The HTTP and OCPI codes in front stay; behind them, positions in lists do not matter.
    const [codes = '', ...words] = reason.split(' ');
    const name = [codes, ...words.map((word) => word.replace(/\/\d+(?=[/:]|$)/g, '/*'))].join(' ');
    const known = sums.get(name);
    sums.set(name, { reason: name, count: count + (known?.count ?? 0), example: known?.example ?? example });
  }
  return [...sums.values()].sort((a, b) => b.count - a.count);
}

/** Each status that the hub acknowledged, looked up in a copy that equals the hub. */
async function checkAcknowledged(stage: Stage, reference: EmspActor): Promise<Check> {
  const problems: string[] = [];
  let writes = 0;
  let evses = 0;
  for (const { role, process } of stage.cpos) {
    const { stream, put_all } = await process.state();
    writes += (stream?.accepted ?? 0) + (put_all?.accepted ?? 0);
    if ((stream?.failed ?? 0) > 0)
      problems.push(`${role.name}: ${stream?.failed} changes got no answer: ${reasonsOf(stream)}`);
    const refusedAtLoad = (put_all?.refused ?? 0) > 0 || role.manner === 'pulled';
    if ((stream?.refused ?? 0) > 0 && !refusedAtLoad) {
      problems.push(`${role.name}: ${stream?.refused} changes were refused: ${reasonsOf(stream)}`);
    }
    const lost: string[] = [];
    for (const status of await process.acknowledged()) {
      evses += 1;
      const text = await reference.process.object(status.key).catch(() => '{}');
      if (!showsStatus(text, status)) lost.push(`${status.key} ${status.uid}`);
    }
    if (lost.length > 0)
      problems.push(`${role.name}: ${lost.length} acknowledged changes are lost, such as ${some(lost)}`);
  }
  const found = `${grouped(writes)} acknowledged writes; the last status of each of ${grouped(evses)} EVSEs is there`;
  return { title: 'Nothing that the hub acknowledged is missing', found, problems };
}

const reasonsOf = (stream: CpoState['stream']): string => JSON.stringify(stream?.reasons ?? {});

/** What the simulators, which check every request strictly, had to complain about. */
async function checkConduct(stage: Stage): Promise<Check> {
  const problems: string[] = [];
  let requests = 0;
  for (const { role, process } of [...stage.cpos, ...stage.emsps]) {
    const state = await process.state();
    requests += state.requests;
    const { total, by_kind, first } = state.violations;
    if (total > 0) {
      problems.push(`${role.name}: ${total} breaches ${JSON.stringify(by_kind)}, first: ${JSON.stringify(first[0])}`);
    }
  }
  for (const { role, process } of stage.emsps) {
    const { rejected, bad_bodies, regressions, first_regressions } = (await process.state()).received;
    if (rejected > 0) problems.push(`${role.name}: refused ${rejected} pushes: ${JSON.stringify(bad_bodies)}`);
    if (regressions > 0) {
      problems.push(`${role.name}: got ${regressions} states older than before, such as ${first_regressions[0]?.key}`);
    }
  }
  const parked = (await stage.hub.lanes()).reduce((sum, lane) => sum + lane.parked, 0);
  if (parked > 0) problems.push(`${parked} objects are parked: the hub gave up on them`);
  const found = `${grouped(requests)} requests checked by the partners; no breach, no state older than the one before`;
  return { title: 'The hub kept to the protocol', found, problems };
}

/** Everything that must hold at the end, each with what was found; `before` was found out already. */
export async function judge(stage: Stage, before: readonly Check[], step: (doing: string) => void): Promise<Verdict> {
  const reference = stage.emsps.find(({ role }) => role.manner === 'ordinary') ?? stage.emsps[0];
  if (reference === undefined) throw new Error('there is no eMSP');
  const hub = await reference.process.snapshot();
  // Conduct first: asking why objects were refused adds requests of our own.
  const conduct = await checkConduct(stage);
  step('Looking up every acknowledged status');
  const acknowledged = await checkAcknowledged(stage, reference);
  const owners = await checkOwners(stage, hub, step);
  return { checks: [...before, owners.check, acknowledged, conduct], refused: owners.refused };
}

const some = (keys: readonly string[]): string => keys.slice(0, listed).join(', ');
