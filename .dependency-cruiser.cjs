/**
 * Who may import whom. Types count like values. test/conformance/import-rules.test.ts shows that every rule fires.
 *
 *   main → app → admin, console, cli, simulator, extensions, modules → platform → kernel → nothing
 */

/** The folders of src/platform, each importing only from those before it. */
const platformOrder = [
  'config',
  'observability',
  'schema',
  'storage',
  'queue',
  'partners',
  'agreements',
  'outbound',
  'routing',
  'delivery',
  'pull',
  'messages',
  'forwarding',
  'http',
];

/** The folders of src/extensions/here, likewise. */
const hereOrder = [
  'carriage',
  'model',
  'groups',
  'store',
  'live',
  'http',
  'tariffs',
  'pricing',
  'places',
  'predictions',
  'reliability',
  'api',
  'static',
  'stream',
];

const test = String.raw`(\.test\.ts$|/testing/)`;
/** Files that speak to a database, by their name, wherever their feature lives. */
const persistence = String.raw`(^|/)([a-z0-9.-]*(repository|store)[a-z0-9.-]*\.ts|[a-z0-9-]+\.entity\.ts|migrations/(postgres/)?[a-z0-9.-]+\.ts)$`;

/** `allowed`: paths below src that may import the library; tests always may. */
const gate = (name, library, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^src/', pathNot: [test, ...allowed] },
  to: { path: library.map((one) => `(^|/)node_modules/${one}(/|$)`) },
});

const forbidden = [
  {
    name: 'no-cycle',
    comment: 'Two files that need each other are one file, or one of them wants an interface. Type imports count.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-unresolvable',
    comment: 'The import leads nowhere.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'known-folders',
    comment: 'A new folder directly below src or src/platform needs its place in these rules first.',
    severity: 'error',
    from: {
      path: '^src/',
      pathNot: [
        '^src/main\\.ts$',
        '^src/(app|admin|console|cli|demo|simulator|extensions|modules|kernel|generated)/',
        `^src/platform/(${platformOrder.join('|')})/`,
      ],
    },
    to: {},
  },

  // Layers.
  {
    name: 'main-is-the-end',
    comment: 'main.ts is the entry of the process; nothing imports it.',
    severity: 'error',
    from: {},
    to: { path: '^src/main\\.ts$' },
  },
  {
    name: 'app-only-from-main',
    comment: 'The composition root is imported by main.ts, tests and benchmarks only.',
    severity: 'error',
    from: { path: '^src/', pathNot: ['^src/main\\.ts$', '^src/app/', test] },
    to: { path: '^src/app/' },
  },
  {
    name: 'main-only-to-app',
    comment: 'main.ts knows app, configuration, the logger and the kernel; app/ puts everything else together.',
    severity: 'error',
    from: { path: '^src/main\\.ts$' },
    to: { path: '^src/', pathNot: '^src/(app|platform/(config|observability)|kernel)/' },
  },
  {
    name: 'edges-import-down',
    comment: 'admin, console and simulator see themselves, platform, kernel and generated. app/ hands them the rest.',
    severity: 'error',
    from: { path: '^src/(admin|console|simulator)/' },
    to: { path: '^src/(admin|console|cli|simulator|extensions|modules)/', pathNot: '^src/$1/' },
  },
  {
    name: 'cli-imports-down',
    comment: 'The command line speaks to a running hub, and starts simulators.',
    severity: 'error',
    from: { path: '^src/cli/' },
    to: { path: '^src/(admin|console|extensions|modules)/' },
  },
  {
    name: 'demo-imports-down',
    comment:
      'The demo speaks to hub and partners over HTTP like anybody else; of the sources it knows simulator and kernel.',
    severity: 'error',
    from: { path: '^src/demo/' },
    to: { path: '^src/', pathNot: '^src/(demo|simulator|kernel)/' },
  },
  {
    name: 'demo-is-an-end',
    comment: 'demo/main.ts is a program; nothing imports from the demo.',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/demo/' },
    to: { path: '^src/demo/' },
  },
  {
    name: 'extensions-only-from-app',
    comment: 'What belongs to one vendor is plugged in by app/; nothing else knows it.',
    severity: 'error',
    from: { path: '^src/', pathNot: ['^src/app/', '^src/extensions/'] },
    to: { path: '^src/extensions/' },
  },
  {
    name: 'extensions-import-down',
    comment: 'An extension sees platform, kernel, generated and the index files of modules; no other extension.',
    severity: 'error',
    from: { path: '^src/extensions/([^/]+)/' },
    to: { path: '^src/(extensions|admin|console|cli|simulator)/', pathNot: '^src/extensions/$1/' },
  },
  {
    name: 'modules-are-strangers',
    comment: 'Modules never import one another. What one needs is an interface it declares; app/ supplies it.',
    severity: 'error',
    from: { path: '^src/modules/([^/]+)/' },
    to: { path: '^src/modules/', pathNot: '^src/modules/$1/' },
  },
  {
    name: 'modules-import-down',
    comment: 'Modules see platform, kernel and generated.',
    severity: 'error',
    from: { path: '^src/modules/' },
    to: { path: '^src/(admin|console|cli|simulator)/' },
  },
  {
    name: 'modules-by-their-index',
    comment: 'A module has one door: index.ts.',
    severity: 'error',
    from: { path: '^src/', pathNot: ['^src/modules/', test] },
    to: { path: '^src/modules/[^/]+/', pathNot: '^src/modules/[^/]+/index\\.ts$' },
  },
  {
    name: 'platform-imports-down',
    comment: 'The platform knows no module, no extension and none of the surfaces.',
    severity: 'error',
    from: { path: '^src/platform/' },
    to: { path: '^src/', pathNot: ['^src/(platform|kernel|generated)/', '^src/app/', '^src/main\\.ts$'] },
  },
  ...platformOrder.slice(0, -1).map((folder, index) => ({
    name: `platform-order-${folder}`,
    comment: `Order of the platform: ${platformOrder.join(', ')}. Each imports only from those before it.`,
    severity: 'error',
    from: { path: `^src/platform/${folder}/` },
    to: { path: `^src/platform/(${platformOrder.slice(index + 1).join('|')})/` },
  })),
  ...hereOrder.slice(0, -1).map((folder, index) => ({
    name: `here-order-${folder}`,
    comment: `Order of the extension: ${hereOrder.join(', ')}. Each imports only from those before it.`,
    severity: 'error',
    from: { path: `^src/extensions/here/${folder}/`, pathNot: test },
    to: { path: `^src/extensions/here/(${hereOrder.slice(index + 1).join('|')})/` },
  })),
  {
    name: 'kernel-imports-nothing',
    comment: 'The kernel is OCPI vocabulary without I/O: no other folder, no package, of Node.js only cryptography.',
    severity: 'error',
    from: { path: '^src/kernel/', pathNot: test },
    to: { pathNot: ['^src/kernel/', '^(node:)?crypto$'] },
  },
  {
    name: 'generated-imports-nothing',
    comment: 'Generated files hold types only.',
    severity: 'error',
    from: { path: '^src/generated/' },
    to: { pathNot: '^src/generated/' },
  },

  // Production code and the rest.
  {
    name: 'no-tests-in-production',
    comment: 'The build leaves out tests and testing/; what is shipped cannot need them.',
    severity: 'error',
    from: { path: '^src/', pathNot: test },
    to: { path: [test, '^(test|bench|scripts)/'] },
  },
  {
    name: 'no-dev-dependency',
    comment: 'Only "dependencies" of package.json are installed where the hub runs.',
    severity: 'error',
    from: { path: '^src/', pathNot: test },
    to: { dependencyTypes: ['npm-dev', 'npm-peer', 'npm-optional'], pathNot: '(^|/)node_modules/@types/' },
  },
  {
    name: 'no-undeclared-dependency',
    comment: 'A package that is imported stands in package.json.',
    severity: 'error',
    from: { path: '^src/' },
    // @jest/globals comes with jest, whose version it shares.
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: 'node_modules/@jest/globals/' },
  },

  // Libraries, each behind its gate.
  gate('express-gate', ['express'], ['^src/platform/http/', '^src/(admin|console)/'], 'express: http, admin, console.'),
  gate(
    'typeorm-gate',
    ['typeorm'],
    ['^src/platform/(storage|partners|agreements)/', persistence],
    'typeorm: storage, partners, agreements, and the repository, store, entity and migration files of a feature.',
  ),
  gate(
    'sqlite-gate',
    ['better-sqlite3'],
    ['^src/platform/storage/', '\\.sqlite\\.ts$'],
    'better-sqlite3: storage, and files named *.sqlite.ts.',
  ),
  gate(
    'postgres-gate',
    ['pg'],
    ['^src/platform/storage/', '\\.postgres\\.ts$'],
    'pg: storage, and files named *.postgres.ts.',
  ),
  gate('queue-gate', ['bullmq', 'ioredis'], ['^src/platform/queue/'], 'bullmq and ioredis: queue.'),
  gate('ajv-gate', ['ajv'], ['^src/platform/schema/'], 'ajv: schema.'),
  gate(
    'observability-gate',
    ['pino', 'prom-client'],
    ['^src/platform/observability/'],
    'pino, prom-client: observability.',
  ),
  gate('commander-gate', ['commander'], ['^src/(cli|simulator)/'], 'commander: cli and simulator.'),
  {
    name: 'http-gate',
    comment:
      'node:http(s): outbound, http, admin, console, simulator; command line and demo as clients of the admin API.',
    severity: 'error',
    from: {
      path: '^src/',
      pathNot: [test, '^src/platform/(outbound|http)/', '^src/(admin|console|simulator|cli|demo)/'],
    },
    to: { path: '^(node:)?(http|https|http2)$' },
  },
];

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.build|coverage|data)/' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
};
