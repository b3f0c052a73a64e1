import type { Execution } from '../framework/command-partner.js';
import type { CommandAnswer, CommandRecord } from '../framework/command-sender.js';

/** What a run of commands has shown (P10, T17). */
export interface CommandFindings {
  readonly commands: number;
  /** Answers of each code, by destination: `slow 4002: 12`. */
  readonly counts: ReadonlyMap<string, number>;
  /** Commands that a CPO carried out more than once. */
  readonly doubled: readonly string[];
  /** Ids under which the hub sent more than one message. */
  readonly reused: readonly string[];
  /** Answers that the guide's table does not have for that. */
  readonly wrong: readonly string[];
  /** Answers by which nothing happened, of commands that were carried out, and the other way round. */
  readonly untrue: readonly string[];
  /** Commands whose repetition was answered otherwise. */
  readonly differing: readonly string[];
  /** Carried out after the command was answered. */
  readonly late: readonly string[];
  /** Time until an answer for the slow one, ms: asked once, by somebody who was not cut off. */
  readonly slowMs: readonly number[];
  /** Of these, the time until the CPO had the command, ms. */
  readonly wayMs: readonly number[];
}

/** Codes by which the message was not passed on. */
const notPassedOn = new Set([4000, 4001, 4003]);

/** Looks into the commands of a run and what the CPOs got of them. */
export async function commandFindings(
  records: AsyncIterable<CommandRecord>,
  executions: AsyncIterable<Execution>,
): Promise<CommandFindings> {
  const carriedOut = new Map<string, Execution[]>();
  const ids = new Set<string>();
  const reused: string[] = [];
  for await (const execution of executions) {
    const { c, r } = execution;
    carriedOut.set(c, [...(carriedOut.get(c) ?? []), execution]);
    if (ids.has(r)) reused.push(r);
    ids.add(r);
  }
  const findings = {
    commands: 0,
    counts: new Map<string, number>(),
    doubled: [] as string[],
    reused,
    wrong: [] as string[],
    untrue: [] as string[],
    differing: [] as string[],
    late: [] as string[],
    slowMs: [] as number[],
    wayMs: [] as number[],
  };
  for await (const record of records) {
    const { c, n, to, command, how, answers } = record;
    const name = `${n} ${command} to ${to} (${how})`;
    const times = (carriedOut.get(c) ?? []).map(({ at }) => at);
    findings.commands += 1;
    const said = new Set(answers.map(wordOf));
    const all = `${[...said].join(', ') || 'no answer'}, carried out ${times.length} times`;
    if (times.length > 1) findings.doubled.push(`${name}: ${all}`);
    if (said.size !== 1) findings.differing.push(`${name}: ${all}`);
    const isCut = answers.some(({ cut }) => cut > 0);
    for (const answer of answers) {
      const key = `${to} ${wordOf(answer)}`;
      findings.counts.set(key, (findings.counts.get(key) ?? 0) + 1);
      if (!isInTable(to, answer, isCut)) findings.wrong.push(`${name}: ${all}, ${isCut ? '' : 'not '}cut off`);
      if ((answer.own && times.length === 0) || (notPassedOn.has(answer.code) && times.length > 0))
        findings.untrue.push(`${name}: ${all}`);
      if (to !== 'slow' || how !== 'once' || answer.cut > 0) continue;
      findings.slowMs.push(answer.at - answer.from);
      findings.wayMs.push(...times.map((at) => at - answer.from));
    }
    const answeredAt = Math.max(...answers.map(({ at }) => at));
    if (times.some((at) => at > answeredAt)) findings.late.push(`${name}: ${all}`);
  }
  return findings;
}

const wordOf = ({ http, code, own }: CommandAnswer): string =>
  own ? 'own' : http === 200 ? String(code) : `${http}/${code}`;

/** What the table of `docs/routing.md` has for these destinations; after a try that was cut off nobody may know (4002). */
function isInTable(to: string, { http, code, own }: CommandAnswer, isCut: boolean): boolean {
  if (http !== 200) return false;
  if (own) return code === 1000 && (to === 'quick' || to === 'reset');
  if (code === 4002) return to === 'slow' || to === 'reset' || isCut;
  return (to === 'down' && code === 4003) || (to === 'unknown' && code === 4001);
}
