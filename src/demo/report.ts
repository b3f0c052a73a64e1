import type { Verdict } from './checks.js';
import type { PlayRecord } from './play.js';
import type { Screen } from './screen.js';
import type { EmspState } from './simulator-process.js';
import type { Stage } from './stage.js';
import { counted, duration, grouped, tableLines } from './table.js';

/** Prints the verdict and the figures. Returns whether everything held. */
export async function report(screen: Screen, stage: Stage, record: PlayRecord, verdict: Verdict): Promise<boolean> {
  for (const { title, found, problems } of verdict.checks) {
    screen.say(`   ${problems.length === 0 ? '✓' : '✗'} ${title}.`);
    if (problems.length === 0) screen.tell(found, '     ');
    for (const problem of problems) screen.tell(problem, '     ');
  }
  refusals(screen, verdict);
  await figures(screen, stage, record);
  const holds = verdict.checks.every(({ problems }) => problems.length === 0);
  screen.say();
  screen.say(holds ? 'Everything holds.' : 'NOT everything holds: see ✗ above.');
  return holds;
}

function refusals(screen: Screen, { refused }: Verdict): void {
  if (refused.length === 0) return;
  const total = refused.reduce((sum, { count }) => sum + count, 0);
  screen.say();
  screen.say(`   Refused by the rules: ${counted(total, 'object')}`);
  for (const { reason, count, example } of refused.slice(0, 12)) {
    screen.tell(`${reason}, for example ${example}`, `   ${grouped(count).padStart(6)} × `, ' '.repeat(12));
  }
  if (refused.length > 12) screen.say(`          and ${refused.length - 12} rarer reasons`);
}

async function figures(screen: Screen, stage: Stage, record: PlayRecord): Promise<void> {
  const states = await Promise.all(stage.cpos.map(({ process }) => process.state()));
  const changes = states.reduce((sum, { stream }) => sum + (stream?.accepted ?? 0), 0);
  const late = stage.cpos.flatMap(({ role }, index) =>
    role.manner === 'late' ? [states[index]?.put_all?.accepted ?? 0] : [],
  );
  const events = changes + late.reduce((sum, n) => sum + n, 0);
  screen.say();
  screen.say(
    `   ${counted(changes, 'status change')} and ${counted(events - changes, 'new object')} were accepted while the eMSPs were listening:`,
  );
  screen.say();
  const rows: string[][] = [];
  for (const { role, process } of stage.emsps) {
    const { received } = await process.state();
    const before = record.pushesBefore.get(role.name) ?? { put: 0, patch: 0 };
    const [patch, put] = [received.patch - before.patch, received.put - before.put];
    const due = events * role.parties.length;
    rows.push([
      role.name,
      grouped(patch),
      grouped(put),
      grouped(Math.max(0, due - patch - put)),
      ...delays(received),
      noteOn(role.manner, record, stage.cast.slowMs),
    ]);
  }
  const columns = [
    { head: 'EMSP' },
    { head: 'PATCHES', right: true },
    { head: 'PUTS', right: true },
    { head: 'SPARED', right: true },
    { head: 'DELAY P50', right: true },
    { head: 'P99', right: true },
    { head: '' },
  ];
  for (const line of tableLines(columns, rows)) screen.say(`   ${line}`);
  screen.say();
  screen.tell(
    'A partner is sent a PATCH where the hub knows from an earlier answer what it holds, else a PUT of the whole object. Spared are ' +
      'messages that newer ones made needless: only the newest state is sent. The delay runs from the time stamp of the change at the ' +
      'charge point until the eMSP has it, so the way from the CPO to the hub and the commit to disk are in it.',
  );
  const metrics = await stage.hub.metrics();
  const memory = metrics.get('process_resident_memory_bytes');
  const cpu = metrics.get('process_cpu_seconds_total');
  if (memory === undefined || cpu === undefined) return;
  screen.say(`   The hub used ${grouped(memory / 1_048_576)} MB of memory and ${cpu.toFixed(1)} s of CPU time.`);
}

function delays({ push_lag_ms: lag }: EmspState['received']): [string, string] {
  return lag.p50 === undefined || lag.p99 === undefined ? ['', ''] : [duration(lag.p50), duration(lag.p99)];
}

function noteOn(manner: string, record: PlayRecord, slowMs: number): string {
  if (manner === 'slow') return `slow: ${slowMs} ms an answer`;
  if (manner !== 'dies') return '';
  const after = record.caughtUpMs === undefined ? '' : `, caught up ${duration(record.caughtUpMs)} after its return`;
  return `gone for ${duration(record.deadMs)}${after}`;
}
