import { describe, expect, it } from '@jest/globals';
import { acceptMessageId, newMessageId } from './message-ids.js';
import * as errors from './ocpi-error.js';

describe('which failure is what', () => {
  it.each([
    [errors.invalidParameters('x'), 200, 2001],
    [errors.notEnoughInformation('x'), 200, 2002],
    [errors.malformedJson('x'), 400, 2001],
    [errors.unauthorized(), 401, 2000],
    [errors.notFound(), 404, 2000],
    [errors.unknownLocation(), 404, 2003],
    [errors.unknownObject('Tariff'), 404, 2001],
    [errors.notYourParty(), 404, 2001],
    [errors.methodNotAllowed(['GET']), 405, 2000],
    [errors.payloadTooLarge(1), 413, 2001],
    [errors.unsupportedMediaType('x'), 415, 2001],
    [errors.tooManyRequests(1), 429, 2000],
    [errors.unavailable(1), 503, 3000],
    [errors.cannotUseClientApi(), 200, 3001],
    [errors.unsupportedVersion(), 200, 3002],
    [errors.missingEndpoints('x'), 200, 3003],
    [errors.hubError('x'), 200, 4000],
    [errors.unknownReceiver(), 200, 4001],
    [errors.receiverTimeout(), 200, 4002],
    [errors.receiverNotConnected(), 200, 4003],
    [errors.internalError(), 200, 3000],
  ])('%s → %i/%i (ST-05, ST-06, ST-07, ST-08)', (error, httpStatus, statusCode) => {
    expect([error.httpStatus, error.statusCode]).toEqual([httpStatus, statusCode]);
    // The ranges x9xx are for custom use, which this hub makes none of.
    expect(Math.floor((statusCode % 1000) / 100)).toBe(0);
  });

  it('says where it applies', () => {
    expect(errors.invalidParameters('is required', '/city').statusMessage).toBe('/city: is required');
    expect(errors.invalidParameters('must be an object', '').statusMessage).toBe('/: must be an object');
    expect(errors.notFound('Nothing here.').statusMessage).toBe('Nothing here.');
  });

  it('carries the headers that belong to it', () => {
    expect(errors.methodNotAllowed(['GET', 'PUT']).headers).toEqual({ Allow: 'GET, PUT' });
    expect(errors.tooManyRequests(3).headers).toEqual({ 'Retry-After': '3' });
    expect(errors.unavailable(5).headers).toEqual({ 'Retry-After': '5' });
    expect(errors.payloadTooLarge(1).headers).toEqual({ Connection: 'close' });
  });
});

describe('message ids', () => {
  it('are UUIDs, each one new (T-23)', () => {
    const ids = Array.from({ length: 100 }, newMessageId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('are taken as received if they can be echoed, else replaced (T-24)', () => {
    for (const good of ['my-id', 'Root=1-67891233-abcdef012345678912345678;Sampled=1', 'a b', 'x'.repeat(255)])
      expect(acceptMessageId(good)).toBe(good);
    for (const bad of [undefined, '', 'a\r\nX: y', 'é', 'x'.repeat(256)]) {
      const accepted = acceptMessageId(bad);
      expect(accepted).not.toBe(bad);
      expect(accepted).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});
