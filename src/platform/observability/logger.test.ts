import { describe, expect, it } from '@jest/globals';
import { openLog } from './logger.js';

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) };

function logAt(level: 'debug' | 'info') {
  const lines: string[] = [];
  return { lines, ...openLog({ level, clock, write: (line) => lines.push(line) }) };
}

describe('openLog', () => {
  it('writes one JSON line with level, time and message', () => {
    const { lines, logger } = logAt('info');
    logger.info({ partner_id: 'p1' }, 'partner.registered');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\n$/);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      time: '2026-01-02T03:04:05.678Z',
      pid: process.pid,
      partner_id: 'p1',
      msg: 'partner.registered',
    });
  });

  it('writes nothing below its level, and says so before work is done for it', () => {
    const { lines, logger } = logAt('info');
    logger.debug({}, 'x');
    expect(lines).toEqual([]);
    expect([logger.isEnabled('debug'), logger.isEnabled('warn')]).toEqual([false, true]);
  });

  it('redacts fields, messages and what a child carries (T20)', () => {
    const { lines, logger } = logAt('debug');
    const child = logger
      .child({ request_id: 'r1', correlation_id: 'c1', token: 'S3CRETVALUE' })
      .child({ uid: 'S3CRETVALUE' });
    child.error({ err: new Error('Token S3CRETVALUE was refused') }, 'Bearer S3CRETVALUE');
    expect(lines.join()).not.toContain('S3CRETVALUE');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      request_id: 'r1',
      correlation_id: 'c1',
      err: { name: 'Error' },
    });
  });
});
