import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import {
  type PatchableName,
  patchableNames,
  type SchemaName,
  SchemaRegistry,
  type Violation,
} from '../../src/platform/schema/index.js';
import { describeUnless } from '../support/services/index.js';

const folder = path.resolve('..', 'shared', 'ocpi-examples', '2.2.1');
/** The specification's examples are not part of this repository; without them this suite is skipped. */
const missing = existsSync(folder) ? undefined : `the examples are not at ${folder}`;

/** Which schema an example belongs to, by the begin of its name; the first that fits. `at` is where the object stands. */
const kinds: { prefix: string; schema: SchemaName; at?: string; each?: boolean }[] = [
  { prefix: 'credentials_', schema: 'credentials/credentials' },
  { prefix: 'cdr_', schema: 'cdrs/cdr' },
  { prefix: 'location_energymix_', schema: 'locations/energy-mix', at: 'energy_mix' },
  { prefix: 'location_regularhours_', schema: 'locations/hours', at: 'opening_times' },
  { prefix: 'location_hours_', schema: 'locations/hours' },
  { prefix: 'location_put_', schema: 'locations/evse' },
  { prefix: 'location_example', schema: 'locations/location' },
  { prefix: 'session_', schema: 'sessions/session' },
  { prefix: 'tariff', schema: 'tariffs/tariff' },
  { prefix: 'token_', schema: 'tokens/token' },
  { prefix: 'transport_and_format_get_token_list_', schema: 'tokens/token', at: 'data', each: true },
  { prefix: 'transport_and_format_get_token_', schema: 'tokens/token', at: 'data' },
  { prefix: 'type_displaytext_', schema: 'common/display-text' },
  { prefix: 'version_details_', schema: 'versions/version-details' },
  { prefix: 'versions_info_', schema: 'versions/version', each: true },
  { prefix: 'transport_and_format_version_info_', schema: 'versions/version', at: 'data', each: true },
  { prefix: 'transport_and_format_version_details_', schema: 'versions/version-details', at: 'data' },
];

const patches: Readonly<Record<string, PatchableName>> = {
  'location_patch_example_location.json': 'locations/location',
  'location_patch_example_status.json': 'locations/evse',
  'location_patch_example_remove_evse.json': 'locations/evse',
  'location_patch_example_tariff.json': 'locations/connector',
  'session_patch_example_charging_period.json': 'sessions/session',
  'session_patch_example_total_cost.json': 'sessions/session',
  'token_patch_example.json': 'tokens/token',
};

/** Examples that break a stated requirement, and the first thing that is wrong with them. They must keep failing. */
const bad: Readonly<Record<string, Violation>> = {
  // The Connector also lacks max_voltage, max_amperage and last_updated; physical_reference is a number.
  'location_put_example_add_evse.json': { pointer: '/connectors/0/power_type', message: 'is required' },
  // TA-26
  'tariff_put_example.json': { pointer: '/last_updated', message: 'is required' },
};

function read(file: string): unknown {
  return JSON.parse(readFileSync(path.join(folder, file), 'utf8'));
}

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;

describeUnless(missing, "the specification's examples", () => {
  const registry = SchemaRegistry.load();
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];

  it.each(files)('%s', (file) => {
    const patch = patches[file];
    if (patch) {
      expect(registry.validatePatch(patch, read(file))).toBeUndefined();
      return;
    }
    const kind = kinds.find(({ prefix }) => file.startsWith(prefix));
    if (!kind) throw new Error(`${file} belongs to no schema`);
    const object = kind.at === undefined ? read(file) : member(read(file), kind.at);
    const objects = kind.each && Array.isArray(object) ? object : [object];
    expect(objects.length).toBeGreaterThan(0);
    for (const each of objects) expect(registry.validate(kind.schema, each)).toEqual(bad[file]);
  });

  it('names only examples that exist', () => {
    expect(files).toEqual(expect.arrayContaining([...Object.keys(bad), ...Object.keys(patches)]));
    expect(patchableNames).toEqual(expect.arrayContaining(Object.values(patches)));
  });
});
