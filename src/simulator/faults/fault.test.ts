import { describe, expect, it } from '@jest/globals';
import { formatFault, parseFault } from './fault.js';
import { FaultBox } from './fault-box.js';

describe('parseFault', () => {
  it.each([
    ['slow=500', 'slow', 500, 1],
    ['error500@0.1', 'error500', undefined, 0.1],
    ['reject2001@1%', 'reject2001', undefined, 0.01],
    ['status=401', 'status', 401, 1],
  ])('reads %s', (text, kind, number, share) => expect(parseFault(text)).toMatchObject({ kind, number, share }));

  it('keeps a URL whole', () => {
    expect(parseFault('redirect=http://127.0.0.1:9/x@0.5')).toMatchObject({
      value: 'http://127.0.0.1:9/x',
      share: 0.5,
    });
  });

  it.each(['nonsense', 'slow@2', 'slow=1=', ''])('refuses "%s" or reads it as text', (text) => {
    if (text === 'slow=1=') expect(parseFault(text).number).toBeUndefined();
    else expect(() => parseFault(text)).toThrow(RangeError);
  });

  it('is the inverse of formatFault', () => {
    for (const text of ['slow=500', 'error500@0.1', 'dead']) expect(formatFault(parseFault(text))).toBe(text);
  });
});

describe('FaultBox', () => {
  const subject = { method: 'PUT', configuration: false, objectKey: 'DE/CP1/L1' };

  it('strikes about the share of the requests, the same ones for the same seed', () => {
    const run = (seed: number): string => {
      const box = new FaultBox(seed);
      box.set([parseFault('error500@0.1')]);
      return Array.from({ length: 2000 }, () => (box.answerFault(subject) === undefined ? '.' : 'x')).join('');
    };
    expect(run(1)).toBe(run(1));
    expect(run(1)).not.toBe(run(2));
    const struck = run(1).split('x').length - 1;
    expect(struck).toBeGreaterThan(150);
    expect(struck).toBeLessThan(250);
  });

  it('rejects about the share of the objects that it was told, also when their ids are counted up', () => {
    for (const seed of [1, 2, 3]) {
      const box = new FaultBox(seed);
      box.set([parseFault('reject2001@0.1')]);
      const keys = ['NL/POL', 'BE/POL', 'FR/CLB', 'FR/SUD', 'DE/ELB'].flatMap((owner) =>
        Array.from({ length: 40 }, (_, n) => `${owner}/LOC${String(n).padStart(5, '0')}`),
      );
      const struck = keys.filter((objectKey) => box.answerFault({ ...subject, objectKey }) !== undefined);
      expect(struck.length).toBeGreaterThan(8);
      expect(struck.length).toBeLessThan(35);
    }
  });

  it('rejects the same objects every time', () => {
    const box = new FaultBox(3);
    box.set([parseFault('reject2001@0.5')]);
    const verdict = (n: number): boolean => box.answerFault({ ...subject, objectKey: `DE/CP1/L${n}` }) !== undefined;
    const first = Array.from({ length: 100 }, (_, n) => verdict(n));
    expect(Array.from({ length: 100 }, (_, n) => verdict(n))).toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  it('leaves versions and credentials alone unless told otherwise', () => {
    const box = new FaultBox(1);
    box.set([parseFault('error500')]);
    expect(box.answerFault({ ...subject, configuration: true })).toBeUndefined();
    box.set([parseFault({ kind: 'error500', on: 'configuration', methods: ['post'] })]);
    expect(box.answerFault(subject)).toBeUndefined();
    expect(box.answerFault({ ...subject, configuration: true })).toBeUndefined();
    expect(box.answerFault({ ...subject, configuration: true, method: 'POST' })).toBeDefined();
    expect(box.hits).toEqual({ error500: 1 });
  });

  it('patch404 concerns PATCH only', () => {
    const box = new FaultBox(1);
    box.set([parseFault('patch404')]);
    expect(box.answerFault(subject)).toBeUndefined();
    expect(box.answerFault({ ...subject, method: 'PATCH' })?.kind).toBe('patch404');
  });
});
