/**
 * Child processes that do not outlive us: each leads a process group of its own, which is ended as a whole, and on
 * Linux the kernel ends it too when this process is killed outright.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

/** Full path of a program on the PATH, or undefined. */
export const which = (name) =>
  (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, name))
    .find((file) => existsSync(file));

const setpriv = process.platform === 'linux' ? which('setpriv') : undefined;

/** The same command, ended by the kernel when this process dies without a goodbye. */
const tied = (command, args) =>
  setpriv === undefined ? [command, args] : [setpriv, ['--pdeathsig', 'TERM', '--', command, ...args]];

/** The same command, run as another user. Only root may ask for it. */
export const asUser = (user, command, args) => {
  if (setpriv !== undefined) {
    const switches = ['--reuid', user, '--regid', primaryGroup(user), '--init-groups', '--'];
    return [setpriv, [...switches, command, ...args]];
  }
  const runuser = which('runuser');
  if (runuser !== undefined) return [runuser, ['-u', user, '--', command, ...args]];
  throw new Error(`cannot run ${command} as ${user}: neither setpriv nor runuser is here (Debian: util-linux)`);
};

const primaryGroup = (user) => execFileSync('id', ['-gn', user], { encoding: 'utf8' }).trim();

/**
 * Starts a command as the leader of a new process group, with empty standard input; as another user when `user` is
 * given. (The tie to this process goes innermost: a change of user would undo it.)
 */
export const start = (command, args, { user, ...options } = {}) => {
  const [inner, innerArgs] = tied(command, args);
  const [program, programArgs] = user === undefined ? [inner, innerArgs] : asUser(user, inner, innerArgs);
  return spawn(program, programArgs, { stdio: ['ignore', 'inherit', 'inherit'], ...options, detached: true });
};

/** The exit code of a started command: 128 + n when signal n ended it, 127 when it could not be started. */
export const ended = (child) =>
  new Promise((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode);
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
  });

/** Sends a signal to a whole group; false when nobody is left in it. */
export const signalGroup = (child, signal) => {
  if (child.pid === undefined) return false;
  try {
    process.kill(-child.pid, signal);
    return true;
  } catch {
    return false;
  }
};

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves to true once nobody is left in the group, to false when somebody still is after `graceMs`. */
export const groupGone = async (child, graceMs) => {
  const deadline = performance.now() + graceMs;
  while (signalGroup(child, 0)) {
    if (performance.now() > deadline) return false;
    await wait(20);
  }
  return true;
};

/** Ends a group: the given signal first, SIGKILL when somebody is left after the grace time. */
export const stop = async (child, { signal = 'SIGTERM', graceMs = 5_000 } = {}) => {
  if (!signalGroup(child, signal)) return;
  if (await groupGone(child, graceMs)) return;
  signalGroup(child, 'SIGKILL');
  await groupGone(child, graceMs);
};
