import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { addSimulateCommand, partiesOf } from './simulate-command.js';

describe('roamhub simulate', () => {
  function program(): Command {
    const root = new Command('roamhub').exitOverride().configureOutput({ writeErr: () => undefined });
    addSimulateCommand(root);
    for (const command of root.commands.flatMap((c) => [c, ...c.commands])) {
      command.exitOverride().configureOutput({ writeErr: () => undefined });
    }
    return root;
  }

  it.each([
    ['cpo', '--fault', 'nonsense'],
    ['cpo', '--port', 'x'],
    ['emsp', '--seed', '-1'],
    ['emsp', '--locations', '5'],
  ])('%s refuses %s %s', async (...args) => {
    await expect(program().parseAsync(['simulate', ...args], { from: 'user' })).rejects.toThrow(/error:/);
  });

  it('reads parties with and without a role', () => {
    expect(partiesOf(['DE/CP1', 'FR/EM1:NSP'], 'CPO')).toEqual([
      { country_code: 'DE', party_id: 'CP1', role: 'CPO' },
      { country_code: 'FR', party_id: 'EM1', role: 'NSP' },
    ]);
    expect(() => partiesOf(['DECP1'], 'CPO')).toThrow(/no party/);
  });
});
