import { describe, expect, it } from '@jest/globals';
import { OcpiError } from '../../kernel/ocpi-error.js';
import { VersionOperations } from './version-operations.js';

const base = 'https://hub.example/ocpi';
const entry = (identifier: string, role: 'SENDER' | 'RECEIVER') => ({
  identifier,
  role,
  url: `${base}/2.2.1/${role}/${identifier}`,
});
const caller = { credentialId: 'c', presentedToken: 't', form: 'base64' } as const;
const mounted = [
  entry('credentials', 'SENDER'),
  entry('locations', 'SENDER'),
  entry('locations', 'RECEIVER'),
  entry('tariffs', 'RECEIVER'),
];
const operations = (endpoints = mounted) => new VersionOperations(() => endpoints);
const listed = (endpoints = mounted) =>
  operations(endpoints)
    .getVersionDetails('2.2.1', caller)
    .endpoints.map(({ identifier, role }) => `${identifier} ${role}`);

describe('VersionOperations', () => {
  it('V-01 V-02 V-13 V-16 lists the one version with the absolute URL of its details', () => {
    expect(operations().listVersions(base)).toEqual([{ version: '2.2.1', url: `${base}/2.2.1` }]);
  });

  it('V-03 V-04 gives identifier, role and URL of what is mounted', () => {
    expect(operations().getVersionDetails('2.2.1', caller)).toEqual({ version: '2.2.1', endpoints: mounted });
  });

  it('V-05 V-06 lists a module once per role, credentials once', () => {
    expect(listed()).toEqual(['credentials SENDER', 'locations SENDER', 'locations RECEIVER', 'tariffs RECEIVER']);
  });

  it('V-10 asks what is mounted for this caller', () => {
    const asked: unknown[] = [];
    const one = new VersionOperations((who) => {
      asked.push(who);
      return mounted;
    });
    one.getVersionDetails('2.2.1', caller);
    expect(asked).toEqual([caller]);
  });

  it('V-15 leaves out what makes no sense without another module', () => {
    expect(listed([entry('credentials', 'SENDER'), entry('locations', 'RECEIVER')])).toEqual(['credentials SENDER']);
    expect(listed([entry('commands', 'RECEIVER'), entry('locations', 'SENDER')])).toEqual(['locations SENDER']);
  });

  it('V-18 does not know other versions', () => {
    for (const version of ['9.9', '2.2', '', 'versions']) {
      expect(() => operations().getVersionDetails(version, caller)).toThrow(OcpiError);
      expect(() => operations().getVersionDetails(version, caller)).toThrow(
        expect.objectContaining({ httpStatus: 404, statusCode: 2000 }),
      );
    }
  });

  it('V-14 answers the same twice', () => {
    const one = operations();
    expect(one.getVersionDetails('2.2.1', caller)).toEqual(one.getVersionDetails('2.2.1', caller));
  });
});
