import { describe, expect, it } from '@jest/globals';
import type { SharingState } from './agreement.js';
import { CurrentPolicy } from './current-policy.js';

const state = (version: number, closed: readonly string[] = []): SharingState => ({
  version,
  agreements: [],
  closed: new Set(closed),
});

describe('CurrentPolicy', () => {
  it('keeps the newest state, in whatever order states come, and tells of each once', () => {
    const policy = new CurrentPolicy(state(1));
    const told: string[] = [];
    const stop = policy.onChange(({ before, after }) => told.push(`${before.version} ${after.version}`));
    for (const next of [state(3, ['DE/CP1']), state(2), state(3), state(1), state(4, ['DE/CP2'])]) policy.apply(next);
    stop();
    policy.apply(state(5, ['DE/CP3']));
    expect(told).toEqual(['1 3', '3 4']);
    expect([policy.version, policy.isOpen, [...policy.state.closed]]).toEqual([5, false, ['DE/CP3']]);
    expect(policy.shares('DE/CP3', 'FR/EM1', 'tokens')).toBe(false);
    expect(policy.snapshot().version).toBe(5);
  });
});
