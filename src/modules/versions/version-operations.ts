import { ocpiVersion } from '../../kernel/module-id.js';
import { notFound } from '../../kernel/ocpi-error.js';
import type { MountedEndpoint } from '../../platform/http/index.js';
import type { Caller } from '../../platform/partners/index.js';

/** Spec: 2.2.1 §6.1.2. */
export interface Version {
  readonly version: string;
  /** Absolute address of the details. */
  readonly url: string;
}

/** Spec: 2.2.1 §6.2.1. */
export interface VersionDetails {
  readonly version: string;
  readonly endpoints: readonly MountedEndpoint[];
}

/** What a module makes no sense without. Spec: 2.2.1 §8, §13, §14 (V-15). */
const needs: Readonly<Record<string, readonly string[]>> = {
  'locations RECEIVER': ['tariffs RECEIVER'],
  'commands RECEIVER': ['locations SENDER', 'sessions SENDER'],
  'chargingprofiles RECEIVER': ['sessions SENDER'],
};

const keyOf = ({ identifier, role }: MountedEndpoint): string => `${identifier} ${role}`;

/**
 * The versions and endpoints of this hub, produced from what is mounted, so that discovery cannot lie.
 *
 * Spec: 2.2.1 §6 (V-01…V-18). Nothing here has an effect: partners use it to see whether the hub is alive (V-14).
 */
export class VersionOperations {
  constructor(private readonly mounted: (caller: Caller) => readonly MountedEndpoint[]) {}

  /** GET versions. `baseUrl` is where the version's details stand below, without a slash at the end. */
  listVersions(baseUrl: string): readonly Version[] {
    return [{ version: ocpiVersion, url: `${baseUrl}/${ocpiVersion}` }];
  }

  /** GET the details of one version. @throws OcpiError 404 for a version that is not offered (V-18). */
  getVersionDetails(version: string, caller: Caller): VersionDetails {
    if (version !== ocpiVersion) throw notFound('This version is not offered here.');
    const mounted = this.mounted(caller);
    const offered = new Set(mounted.map(keyOf));
    const endpoints = mounted.filter((entry) => (needs[keyOf(entry)] ?? []).every((other) => offered.has(other)));
    return { version, endpoints: endpoints.map(({ identifier, role, url }) => ({ identifier, role, url })) };
  }
}
