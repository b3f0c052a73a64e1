import { describe, expect, it } from '@jest/globals';
import { Journal } from './journal.js';

const text = (status: string, power = '1.0'): string => `{"uid":"E1","status":"${status}","power":${power}}`;

describe('the verdict over a journal', () => {
  const journal = (): Journal => {
    const made = new Journal();
    made.known('L1', text('AVAILABLE'));
    return made;
  };
  const stored = (document: string): Map<string, string> => new Map([['L1', document]]);

  it('is content with the last acknowledged state, however it is printed', () => {
    const made = journal();
    made.settle(made.intend('L1', 'PATCH', text('CHARGING')), 'ok');
    expect(made.judge(stored('{ "status":"CHARGING", "uid":"E1","power":1.0 }'))).toEqual([]);
  });

  it('finds an acknowledged write that is missing', () => {
    const made = journal();
    made.settle(made.intend('L1', 'PATCH', text('CHARGING')), 'ok');
    expect(made.judge(stored(text('AVAILABLE')))).toMatchObject([
      { kind: 'lost', fields: ['/status: "CHARGING" → "AVAILABLE"'] },
    ]);
  });

  it('finds a number that was printed anew', () => {
    expect(journal().judge(stored(text('AVAILABLE', '1')))).toHaveLength(1);
  });

  it('allows a write without an answer to be there or not, but nothing before it', () => {
    const made = journal();
    made.settle(made.intend('L1', 'PATCH', text('CHARGING')), 'ok');
    made.settle(made.intend('L1', 'PATCH', text('BLOCKED')), 'unknown');
    expect(made.present('L1')).toBe(text('BLOCKED'));
    expect(made.judge(stored(text('BLOCKED')))).toEqual([]);
    expect(made.judge(stored(text('CHARGING')))).toHaveLength(1);
  });

  it('does not allow a write that certainly failed', () => {
    const made = journal();
    made.settle(made.intend('L1', 'PATCH', text('CHARGING')), 'fail');
    expect(made.judge(stored(text('CHARGING')))).toHaveLength(1);
  });

  it('finds objects that are absent or that nobody wrote', () => {
    expect(
      journal()
        .judge(new Map([['L2', text('AVAILABLE')]]))
        .map(({ kind }) => kind),
    ).toEqual(['absent', 'invented']);
  });
});
