import { describe, expect, it } from '@jest/globals';
import { defaultSwitches, readSwitches } from './partner-switches.js';

describe('readSwitches', () => {
  it('takes what an older release stored, with defaults for what it did not know', () => {
    const stored = { inbound_raw: true, stale: 'apply', push: false, auto_rotate_days: 30 };
    expect(readSwitches(stored)).toEqual({ ...defaultSwitches, ...stored });
    expect(readSwitches({})).toEqual(defaultSwitches);
  });

  it('keeps everything that this release stores', () => {
    const all = {
      inbound_raw: true,
      outbound_raw: true,
      lenient_envelope: true,
      stale: 'apply',
      catch_up: 'pull_only',
      push: false,
      pull: false,
      auto_rotate_days: 3,
      withheld: ['acme_ext'],
      rate_limit: 5,
      max_in_flight: 6,
      custom_modules: ['nlhub-tasks'],
      keep_sessions: true,
      list_without_to: 'refuse',
      validation_http: 400,
    };
    expect(Object.keys(all).sort()).toEqual(Object.keys(defaultSwitches).sort());
    expect(readSwitches(all)).toEqual(all);
  });

  it.each([
    ['what it does not know', { shiny: true, __proto__: { push: false }, toString: 'x' }],
    ['a flag that is none', { push: 'false', pull: 0, keep_sessions: null }],
    ['a choice of another release', { stale: 'merge', catch_up: 'replay', list_without_to: 1, validation_http: 422 }],
    ['a limit that would let nothing through', { rate_limit: 0, max_in_flight: -1 }],
    ['a limit that is no number', { rate_limit: '5', max_in_flight: Number.NaN, auto_rotate_days: '7' }],
    ['lists that are none', { withheld: 'acme_ext', custom_modules: [1] }],
    ['ids that are none of custom modules', { custom_modules: ['locations'] }],
  ])('puts the default in place of %s', (_what, stored) => {
    expect(readSwitches(stored)).toEqual(defaultSwitches);
  });
});
