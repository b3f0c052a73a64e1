import { expect, it } from '@jest/globals';
import { asUnavailable, isPostgresFault, isUndone, refusalOf } from './postgres-error.js';
import { StorageUnavailable } from './storage-error.js';

const withCode = (code: string): Error => Object.assign(new Error('no'), { code });

it('tells faults of the storage as a whole from those of one statement', () => {
  const faults = ['08006', '53100', '53300', '57014', '57P01', '57P03', '58030', '25006', '40001', '40P01', '55P03'];
  for (const code of [
    ...faults,
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    '28P01',
    '3D000',
    '42P01',
    '42501',
  ])
    expect([code, isPostgresFault(withCode(code))]).toEqual([code, true]);
  for (const code of ['23505', '22021', '54000', '42601', '25P02', 'ERR_INVALID_ARG_TYPE'])
    expect([code, isPostgresFault(withCode(code))]).toEqual([code, false]);
  for (const text of [
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Query read timeout',
  ])
    expect(isPostgresFault(new Error(text))).toBe(true);
  for (const other of [new RangeError('refused'), undefined, 'Connection terminated'])
    expect(isPostgresFault(other)).toBe(false);
});

it('hands on everything else as it is', () => {
  const refused = new RangeError('refused');
  expect(asUnavailable(refused)).toBe(refused);
  expect(asUnavailable(withCode('53100'))).toBeInstanceOf(StorageUnavailable);
});

it('sends nothing again that may have been stored', () => {
  for (const code of ['08006', '57P01', '57014', 'ECONNRESET', '53100']) expect(isUndone(withCode(code))).toBe(false);
  for (const code of ['40001', '40P01', '55P03']) expect(isUndone(withCode(code))).toBe(true);
});

it('says at start what is wrong in one sentence, and nothing of what it does not know', () => {
  for (const code of ['28P01', '3D000', '42501', '53300', '57P03', 'ECONNREFUSED', 'ERR_INVALID_URL'])
    expect(refusalOf(withCode(code))?.message).toMatch(/^[A-Z][^.?]*[.?]$/);
  expect(refusalOf(new RangeError('a bug'))).toBeUndefined();
});
