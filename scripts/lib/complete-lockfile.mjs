/**
 * `npm run lock:complete`, after any change of dependencies: names in package-lock.json every platform variant that an
 * installed package may want.
 *
 * npm leaves out variants that it could not look up, for instance because the registry in reach does not carry them,
 * and newer versions of `npm ci` then refuse the lock file as incomplete. A variant's version is exact in the package that wants
 * it, and its platform is in its name, so that nothing needs to be looked up. Changes nothing when nothing is missing; with --check it never does, and exits 1 when
 * something is.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

/** What `os`, `cpu` and `libc` of the variant's own package.json say. */
const platform = (name) => {
  const words = name.split('/').at(-1).split('-');
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  const musl = words.some((word) => word.startsWith('musl'));
  const gnu = words.some((word) => /^(gnu|glibc)/.test(word));
  const libc = musl ? 'musl' : gnu ? 'glibc' : undefined;
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(os === 'linux' && libc !== undefined ? { libc: [libc] } : {}),
    ...(os === undefined ? {} : { os: [os] }),
  };
};

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const added = [];
for (const [parent, { optionalDependencies = {}, dev, devOptional }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    // npm looks beside the parent first and then further up.
    const places = parent
      .split('node_modules/')
      .map((_, index, parts) => parts.slice(0, index + 1).join('node_modules/'));
    const found = [...places, `${parent}/`].some((place) => `${place}node_modules/${name}` in lock.packages);
    const of = platform(name);
    if (found || !/^\d/.test(version) || (of.os ?? of.cpu) === undefined) continue;
    const flags = dev ? { dev: true } : devOptional ? { devOptional: true } : {};
    lock.packages[`node_modules/${name}`] = { version, ...of, ...flags, optional: true };
    added.push(`${name}@${version}`);
  }
}
if (added.length > 0) {
  console.log(`missing in package-lock.json: ${added.join(', ')}`);
  if (process.argv.includes('--check')) process.exit(1);
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  writeFileSync('package-lock.json', `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`);
  console.log('they have been added');
} else {
  console.log('package-lock.json is complete');
}
