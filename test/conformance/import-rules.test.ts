import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/**
 * Shows that every rule of .dependency-cruiser.cjs fires, and that what the design allows passes: one tree of tiny
 * files is written, cruised once with the real rule file, and each breach must be found under its own name.
 */

const root = process.cwd();
const ruleFile = path.join(root, '.dependency-cruiser.cjs');

interface RuleFile {
  forbidden: { name: string }[];
}
const rules = (createRequire(import.meta.url)(ruleFile) as RuleFile).forbidden.map((rule) => rule.name);

/** rule · importing file · what it imports (a path of the tree, a package, a module of Node.js) */
type Import = readonly [rule: string, from: string, to: string];

const breaches: Import[] = [
  ['no-cycle', 'src/kernel/ring-a.ts', 'src/kernel/ring-b.ts'],
  ['no-unresolvable', 'src/kernel/lost.ts', 'src/kernel/nowhere.ts'],
  ['known-folders', 'src/utils/helper.ts', 'src/kernel/clock.ts'],
  ['known-folders', 'src/platform/misc/helper.ts', 'src/kernel/clock.ts'],
  ['main-is-the-end', 'src/cli/restart.ts', 'src/main.ts'],
  ['app-only-from-main', 'src/admin/whole-hub.ts', 'src/app/compose-hub.ts'],
  ['app-only-from-main', 'src/platform/http/whole-hub.ts', 'src/app/compose-hub.ts'],
  ['main-only-to-app', 'src/main.ts', 'src/modules/tariffs/index.ts'],
  ['edges-import-down', 'src/admin/locations.ts', 'src/modules/locations/index.ts'],
  ['edges-import-down', 'src/simulator/remote.ts', 'src/cli/main.ts'],
  ['cli-imports-down', 'src/cli/direct.ts', 'src/modules/locations/index.ts'],
  ['demo-imports-down', 'src/demo/inside.ts', 'src/app/compose-hub.ts'],
  ['demo-imports-down', 'src/demo/borrowed.ts', 'src/platform/outbound/client.ts'],
  ['demo-is-an-end', 'src/cli/replay.ts', 'src/demo/show.ts'],
  ['extensions-only-from-app', 'src/modules/locations/vendor.ts', 'src/extensions/here/index.ts'],
  ['extensions-only-from-app', 'src/platform/schema/vendor.ts', 'src/extensions/here/index.ts'],
  ['extensions-import-down', 'src/extensions/here/other-vendor.ts', 'src/extensions/there/index.ts'],
  ['modules-are-strangers', 'src/modules/tariffs/neighbour.ts', 'src/modules/locations/index.ts'],
  ['modules-import-down', 'src/modules/tariffs/upwards.ts', 'src/admin/routes.ts'],
  ['modules-by-their-index', 'src/app/back-door.ts', 'src/modules/locations/location-rules.ts'],
  ['modules-by-their-index', 'src/extensions/here/back-door.ts', 'src/modules/locations/location-rules.ts'],
  ['platform-imports-down', 'src/platform/delivery/upwards.ts', 'src/modules/locations/index.ts'],
  ['platform-order-config', 'src/platform/config/upwards.ts', 'src/platform/observability/logger.ts'],
  ['platform-order-observability', 'src/platform/observability/upwards.ts', 'src/platform/schema/registry.ts'],
  ['platform-order-schema', 'src/platform/schema/upwards.ts', 'src/platform/storage/store.ts'],
  ['platform-order-storage', 'src/platform/storage/upwards.ts', 'src/platform/queue/port.ts'],
  ['platform-order-queue', 'src/platform/queue/upwards.ts', 'src/platform/partners/directory.ts'],
  ['platform-order-agreements', 'src/platform/agreements/upwards.ts', 'src/platform/outbound/client.ts'],
  ['platform-order-messages', 'src/platform/messages/upwards.ts', 'src/platform/forwarding/router.ts'],
  ['platform-order-forwarding', 'src/platform/forwarding/upwards.ts', 'src/platform/http/pipeline.ts'],
  ['platform-order-partners', 'src/platform/partners/upwards.ts', 'src/platform/outbound/client.ts'],
  ['platform-order-outbound', 'src/platform/outbound/upwards.ts', 'src/platform/routing/scenario.ts'],
  ['platform-order-routing', 'src/platform/routing/upwards.ts', 'src/platform/delivery/lane.ts'],
  ['platform-order-delivery', 'src/platform/delivery/over-http.ts', 'src/platform/http/pipeline.ts'],
  ['platform-order-pull', 'src/platform/pull/over-http.ts', 'src/platform/http/pipeline.ts'],
  ['here-order-carriage', 'src/extensions/here/carriage/upwards.ts', 'src/extensions/here/model/part.ts'],
  ['here-order-model', 'src/extensions/here/model/upwards.ts', 'src/extensions/here/groups/part.ts'],
  ['here-order-groups', 'src/extensions/here/groups/upwards.ts', 'src/extensions/here/store/part.ts'],
  ['here-order-store', 'src/extensions/here/store/upwards.ts', 'src/extensions/here/live/part.ts'],
  ['here-order-live', 'src/extensions/here/live/upwards.ts', 'src/extensions/here/http/part.ts'],
  ['here-order-http', 'src/extensions/here/http/upwards.ts', 'src/extensions/here/tariffs/part.ts'],
  ['here-order-tariffs', 'src/extensions/here/tariffs/upwards.ts', 'src/extensions/here/pricing/part.ts'],
  ['here-order-pricing', 'src/extensions/here/pricing/upwards.ts', 'src/extensions/here/places/part.ts'],
  ['here-order-places', 'src/extensions/here/places/upwards.ts', 'src/extensions/here/predictions/part.ts'],
  ['here-order-predictions', 'src/extensions/here/predictions/upwards.ts', 'src/extensions/here/reliability/part.ts'],
  ['here-order-reliability', 'src/extensions/here/reliability/upwards.ts', 'src/extensions/here/api/part.ts'],
  ['here-order-api', 'src/extensions/here/api/upwards.ts', 'src/extensions/here/static/part.ts'],
  ['here-order-static', 'src/extensions/here/static/upwards.ts', 'src/extensions/here/stream/part.ts'],
  ['kernel-imports-nothing', 'src/kernel/upwards.ts', 'src/platform/config/config.ts'],
  ['kernel-imports-nothing', 'src/kernel/reads-files.ts', 'node:fs'],
  ['kernel-imports-nothing', 'src/kernel/uses-package.ts', 'ajv'],
  ['generated-imports-nothing', 'src/generated/types.ts', 'src/kernel/clock.ts'],
  ['no-tests-in-production', 'src/app/with-fakes.ts', 'src/modules/locations/testing/samples.ts'],
  ['no-tests-in-production', 'src/app/with-support.ts', 'test/support/world.ts'],
  ['no-dev-dependency', 'src/platform/outbound/faked.ts', 'nock'],
  ['no-undeclared-dependency', 'src/platform/outbound/hoisted.ts', 'hoisted'],
  ['express-gate', 'src/modules/locations/routes.ts', 'express'],
  ['typeorm-gate', 'src/modules/locations/location-rules.ts', 'typeorm'],
  ['sqlite-gate', 'src/modules/locations/location-operations.ts', 'better-sqlite3'],
  ['postgres-gate', 'src/platform/partners/direct.ts', 'pg'],
  ['queue-gate', 'src/platform/delivery/direct.ts', 'bullmq'],
  ['queue-gate', 'src/admin/redis.ts', 'ioredis'],
  ['ajv-gate', 'src/modules/locations/validate.ts', 'ajv'],
  ['observability-gate', 'src/modules/locations/log.ts', 'pino'],
  ['observability-gate', 'src/platform/http/metrics.ts', 'prom-client'],
  ['commander-gate', 'src/app/options.ts', 'commander'],
  ['http-gate', 'src/modules/credentials/call.ts', 'node:http'],
  ['http-gate', 'src/platform/delivery/call.ts', 'https'],
];

const allowed: [from: string, to: string][] = [
  ['src/main.ts', 'src/app/compose-hub.ts'],
  ['src/app/compose-hub.ts', 'src/modules/locations/index.ts'],
  ['src/app/compose-hub.ts', 'src/extensions/here/index.ts'],
  ['src/app/compose-hub.ts', 'src/admin/routes.ts'],
  ['src/cli/main.ts', 'src/simulator/cpo.ts'],
  ['src/cli/main.ts', 'commander'],
  ['src/demo/show.ts', 'src/simulator/cpo.ts'],
  ['src/demo/show.ts', 'src/kernel/clock.ts'],
  ['src/demo/show.ts', 'node:http'],
  ['src/extensions/here/index.ts', 'src/modules/locations/index.ts'],
  ['src/extensions/here/index.ts', 'src/platform/http/pipeline.ts'],
  ['src/modules/locations/index.ts', 'src/platform/delivery/lane.ts'],
  ['src/modules/locations/index.ts', 'src/generated/types.ts'],
  ['src/modules/locations/location-repository.ts', 'typeorm'],
  ['src/modules/locations/location.entity.ts', 'typeorm'],
  ['src/modules/locations/migrations/1700000000000-locations.ts', 'typeorm'],
  ['src/modules/locations/location-store.sqlite.ts', 'better-sqlite3'],
  ['src/modules/locations/location-rules.test.ts', 'src/modules/locations/testing/samples.ts'],
  ['src/modules/locations/location-rules.test.ts', 'nock'],
  ['src/platform/http/pipeline.ts', 'src/platform/config/config.ts'],
  ['src/platform/http/pipeline.ts', 'express'],
  ['src/platform/http/pipeline.ts', 'node:http'],
  ['src/platform/delivery/lane.ts', 'src/platform/queue/port.ts'],
  ['src/platform/queue/port.ts', 'bullmq'],
  ['src/platform/outbound/client.ts', 'node:https'],
  ['src/kernel/clock.ts', 'node:crypto'],
  ['test/integration/hub.test.ts', 'src/app/compose-hub.ts'],
];

const dependencies = [
  'ajv',
  'better-sqlite3',
  'bullmq',
  'commander',
  'express',
  'ioredis',
  'pg',
  'pino',
  'prom-client',
];

/** Writes the tree: every file named above, holding exactly the imports asked of it, the first of them for its type only. */
const plant = (folder: string, imports: (readonly [from: string, to: string])[]): void => {
  const files = new Map<string, string[]>();
  const isFile = (name: string): boolean => /^(src|test)\//.test(name);
  for (const [from, to] of imports) {
    files.set(from, [...(files.get(from) ?? []), to]);
    if (isFile(to) && !to.endsWith('nowhere.ts') && !files.has(to)) files.set(to, []);
  }
  for (const [file, targets] of files) {
    const lines = targets.map((to, index) => {
      const relative = path.relative(path.dirname(file), to).replace(/\.ts$/, '.js');
      const specifier = !isFile(to) ? to : relative.startsWith('.') ? relative : `./${relative}`;
      return isFile(to) && index === 0 ? `import type { x } from '${specifier}';` : `import '${specifier}';`;
    });
    write(path.join(folder, file), `${lines.join('\n')}\nexport const x = 1;\n`);
  }
};

const write = (file: string, content: string): void => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
};

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

describe('the import rules', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'roamhub-import-rules-'));
  let found: string[] = [];

  beforeAll(() => {
    plant(folder, [
      ...breaches.map(([, from, to]) => [from, to] as const),
      ['src/kernel/ring-b.ts', 'src/kernel/ring-a.ts'],
      ...allowed,
    ]);
    for (const name of [...dependencies, 'typeorm', 'nock', 'hoisted']) {
      write(path.join(folder, 'node_modules', name, 'package.json'), JSON.stringify({ name, version: '1.0.0' }));
      write(path.join(folder, 'node_modules', name, 'index.js'), '');
    }
    const versions = Object.fromEntries([...dependencies, 'typeorm'].map((name) => [name, '1.0.0']));
    const manifest = { name: 'tree', type: 'module', dependencies: versions, devDependencies: { nock: '1.0.0' } };
    write(path.join(folder, 'package.json'), JSON.stringify(manifest));
    write(path.join(folder, 'tsconfig.json'), '{ "compilerOptions": { "module": "nodenext" } }');
    const cruiser = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const args = [cruiser, '--config', ruleFile, '--output-type', 'json', 'src', 'test'];
    let output: string;
    try {
      output = execFileSync(process.execPath, args, {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch (error) {
      // It exits with the number of breaches.
      output = (error as { stdout: string }).stdout;
    }
    const { summary } = JSON.parse(output) as { summary: { violations: Violation[] } };
    found = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${shorten(to)}`);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(breaches)('%s: %s must not import %s', (rule, from, to) => {
    expect(found).toContainEqual(`${rule}: ${from} → ${shorten(to)}`);
  });

  it.each(allowed)('%s may import %s', (from, to) => {
    expect(found.filter((one) => one.includes(`: ${from} → ${shorten(to)}`))).toEqual([]);
  });

  it('are each shown to fire', () => {
    const shown = new Set(breaches.map(([rule]) => rule));
    expect(rules.filter((rule) => !shown.has(rule))).toEqual([]);
  });
});

/** A package and a module of Node.js by their bare names, a file of the tree by its path. */
const shorten = (name: string): string =>
  name
    .replace(/^node:/, '')
    .replace(/^node_modules\/([^/]+)\/.*$/, '$1')
    .replace('./nowhere.js', 'src/kernel/nowhere.ts');
