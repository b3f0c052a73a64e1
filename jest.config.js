/**
 * One project per kind of test, so that `npx jest --selectProjects unit` runs one kind and `npx jest PATH` one file.
 * Tests are ES modules: run with NODE_OPTIONS=--experimental-vm-modules (`scripts/test` sets it).
 */

const shared = {
  testEnvironment: '<rootDir>/scripts/lib/jest-environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  // TypeScript sources import './name.js', which is './name.ts' on disk.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.build/', '<rootDir>/data/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' }, sourceMaps: 'inline' },
    ],
  },
};

const project = (displayName, testMatch, testTimeout = 20_000) => ({ ...shared, displayName, testMatch, testTimeout });

export default {
  projects: [
    project('unit', [
      '<rootDir>/src/**/*.test.ts',
      '<rootDir>/scripts/**/*.test.ts',
      '<rootDir>/test/support/**/*.test.ts',
    ]),
    project('contract', ['<rootDir>/test/contract/**/*.test.ts']),
    project('integration', ['<rootDir>/test/integration/**/*.test.ts']),
    project('conformance', ['<rootDir>/test/conformance/**/*.test.ts']),
    project('e2e', ['<rootDir>/test/e2e/**/*.test.ts'], 120_000),
  ],
  maxWorkers: 2,
  // How long a worker may take to end by itself after its last test, in milliseconds.
  workerGracefulExitTimeout: 5_000,
  reporters: process.env.ROAMHUB_TEST_RUN === undefined ? ['default'] : ['<rootDir>/scripts/lib/jest-reporter.mjs'],
};
