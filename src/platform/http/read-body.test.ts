import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { readBody } from './read-body.js';

/** A request whose body arrives in these pieces. */
function request(pieces: readonly (string | Buffer)[], headers: Record<string, string> = {}): IncomingMessage {
  const stream = new PassThrough();
  for (const piece of pieces) stream.write(piece);
  stream.end();
  return Object.assign(stream, { headers }) as unknown as IncomingMessage;
}
const json = { 'content-type': 'application/json' };
const read = (text: string | readonly (string | Buffer)[], headers: Record<string, string> = json, limit = 1_000) =>
  readBody(request(typeof text === 'string' ? [text] : text, headers), limit);
const refusal = (httpStatus: number, statusCode = 2001) => ({ name: 'OcpiError', httpStatus, statusCode });

describe('a body', () => {
  it('is given as value, as text without white space, numbers as they were, and as it came', async () => {
    const received = ' { "a" : 150000.0 ,\n "b" : [ ] }\n';
    expect(await read(received)).toEqual({
      value: { a: 150000, b: [] },
      text: '{"a":150000.0,"b":[]}',
      bytes: Buffer.from(received),
    });
  });

  it('is put together from pieces, also when they split a character', async () => {
    const bytes = Buffer.from('{"city":"Köln 充电"}');
    const pieces = Array.from(bytes, (byte) => Buffer.from([byte]));
    expect((await read(pieces)).value).toEqual({ city: 'Köln 充电' });
  });

  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
  ])('is read as %s (T-12)', async (type) => expect((await read('{}', { 'content-type': type })).value).toEqual({}));

  it('is read as JSON without a type, never taken for empty (A-05)', async () => {
    expect((await read('{"a":1}', {})).value).toEqual({ a: 1 });
    await expect(read('a=1', {})).rejects.toMatchObject(refusal(400));
  });

  it.each([
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/merge-patch+json', 415],
    ['', 415],
    ['application/json; charset=utf-16', 400],
    ['application/json; charset=latin1', 400],
  ])('of type %j is refused with %i (T-12)', async (type, status) =>
    expect(read('{}', { 'content-type': type })).rejects.toMatchObject(refusal(status)),
  );

  it.each(['gzip', 'br', 'deflate', 'GZIP', 'identity, gzip', 'gzip, gzip'])(
    'encoded as %s is refused (T11)',
    async (encoding) =>
      expect(read('{}', { ...json, 'content-encoding': encoding })).rejects.toMatchObject(refusal(415)),
  );

  it('says identity, and is read', async () => {
    expect((await read('{}', { ...json, 'content-encoding': 'Identity' })).value).toEqual({});
  });

  it.each(['', ' ', '{"a":', '{a:1}', "{'a':1}", '{"a":1}}', 'nonsense', '{"a":01}', '{"a":"\n"}', '\ufeff{}', '[1,]'])(
    'that is no JSON is refused: %j (T-18)',
    async (text) => expect(read(text)).rejects.toMatchObject(refusal(400)),
  );

  it('that is no UTF-8 is refused', async () => {
    await expect(read([Buffer.from([0x22, 0xe4, 0x22])])).rejects.toMatchObject(refusal(400));
    await expect(read([Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])])).rejects.toMatchObject(refusal(400));
    await expect(read([Buffer.from('"x"', 'utf16le')])).rejects.toMatchObject(refusal(400));
  });

  it('declared too large is refused before a byte of it is read', async () => {
    const large = request(['{}'], { ...json, 'content-length': '1001' });
    await expect(readBody(large, 1_000)).rejects.toMatchObject(refusal(413));
    expect((large as unknown as PassThrough).readableFlowing).toBeNull();
  });

  it('that turns out too large is refused, to the byte, however it comes', async () => {
    const text = JSON.stringify('x'.repeat(998));
    expect((await read(text)).text).toHaveLength(1_000);
    await expect(read(`${text} `)).rejects.toMatchObject(refusal(413));
    await expect(read(Array.from({ length: 300 }, () => 'xxxx'))).rejects.toMatchObject(refusal(413));
  });

  it('that nests too deep is refused (T13)', async () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect((await read(deep(20))).text).toBe(deep(20));
    await expect(read(deep(21))).rejects.toMatchObject(refusal(400));
    await expect(read(deep(40_000), json, 100_000)).rejects.toMatchObject(refusal(400));
    await expect(read(`{"a":${deep(20)}}`)).rejects.toMatchObject(refusal(400));
  });

  it('that holds too many values is refused (T13)', async () => {
    await expect(read(JSON.stringify(new Array(50_001).fill(1)), json, 1_000_000)).rejects.toMatchObject(refusal(400));
  });

  it.each([
    '{"__proto__":1}',
    '{"a":[{"constructor":{}}]}',
    '{"prototype":null}',
    '{"__pro\\u0074o__":1}',
    '{"a":1,"a":2}',
  ])('with a poisoned or repeated key is refused: %s (T13)', async (text) =>
    expect(read(text)).rejects.toMatchObject(refusal(200)),
  );

  it('that breaks off is refused, and the request does not hang', async () => {
    const broken = new PassThrough();
    const reading = readBody(Object.assign(broken, { headers: json }) as unknown as IncomingMessage, 1_000);
    broken.write('{"a":');
    broken.emit('aborted');
    await expect(reading).rejects.toMatchObject(refusal(400));
  });
});
