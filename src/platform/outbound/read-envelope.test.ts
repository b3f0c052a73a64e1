import { describe, expect, it } from '@jest/globals';
import type { Answered } from './outbound-types.js';
import { dataText, readEnvelope } from './read-envelope.js';

const filler = JSON.stringify('x'.repeat(5_000));

function answered(text: string): Answered {
  const head = readEnvelope(text);
  return {
    kind: 'answered',
    httpStatus: 200,
    statusCode: head?.statusCode,
    statusMessage: head?.statusMessage,
    envelope: head !== undefined,
    text,
    ...(head?.data ? { data: head.data } : {}),
    headers: {},
    requestId: 'r',
    durationMs: 1,
  };
}

describe('readEnvelope', () => {
  it('reads a short answer', () => {
    expect(readEnvelope('{"status_code":2001,"status_message":"no","timestamp":"2026-01-01T00:00:00Z"}')).toEqual({
      statusCode: 2001,
      statusMessage: 'no',
    });
  });

  it('reads a long answer without looking into its data', () => {
    const text = ` {\n "data" : [ {"status_code": 3000, "a": ${filler} } ] ,\n "status_message":"fi\\"ne", "status_code" : 1000 \n}\n`;
    expect(readEnvelope(text)).toMatchObject({ statusCode: 1000, statusMessage: 'fi"ne' });
    expect(dataText(answered(text))).toBe(`[ {"status_code": 3000, "a": ${filler} } ]`);
  });

  it('gives the text of data for a short answer too, numbers untouched', () => {
    expect(dataText(answered('{"data":150000.0,"status_code":1000}'))).toBe('150000.0');
    expect(dataText(answered('{"data": 12345678901234567890 ,"status_code":1000}'))).toBe('12345678901234567890');
    expect(dataText(answered('{"status_code":1000}'))).toBeUndefined();
  });

  it.each([
    '',
    'null',
    '[]',
    '"text"',
    '<html>',
    '{}',
    '{"status_code":"1000"}',
    '{"status_code":1000.5}',
    '{"status_code":1000',
    `{"data":${filler}}`,
    `{"data":${filler},"status_code":"1000"}`,
    `{"data":${filler},"status_code":1000`,
    `{"data":${filler},"status_code":1000}}`,
    `{"data":[${filler},"status_code":1000}`,
    `{"data":${filler} "status_code":1000}`,
    `[${filler}]`,
    `<html>${filler}</html>`,
  ])('is undefined for what is no envelope: %.40s', (text) => {
    expect(readEnvelope(text)).toBeUndefined();
  });
});
