import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LateAnswers } from './late-answers.js';

describe('late answers', () => {
  let given: string[];
  const answer = (name: string) => () => void given.push(name);

  beforeEach(() => {
    given = [];
    jest.useFakeTimers();
  });
  afterEach(() => void jest.useRealTimers());

  it('are given when their time has come, in order', () => {
    const late = new LateAnswers(1_000, 10);
    late.add(answer('a'));
    jest.advanceTimersByTime(600);
    late.add(answer('b'));
    jest.advanceTimersByTime(399);
    expect(given).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(given).toEqual(['a']);
    late.add(answer('c'));
    jest.advanceTimersByTime(600);
    expect(given).toEqual(['a', 'b']);
    jest.advanceTimersByTime(1_000);
    expect(given).toEqual(['a', 'b', 'c']);
  });

  it('are given at once when too many wait already, without a pause, and after the end', () => {
    const late = new LateAnswers(1_000, 1);
    for (const name of ['a', 'b']) late.add(answer(name));
    expect(given).toEqual(['b']);
    late.end();
    expect(given).toEqual(['b', 'a']);
    late.add(answer('c'));
    new LateAnswers(0, 10).add(answer('d'));
    expect(given).toEqual(['b', 'a', 'c', 'd']);
    expect(jest.getTimerCount()).toBe(0);
  });
});
