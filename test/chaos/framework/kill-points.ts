import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HubProcess } from '../../support/e2e/hub-process.js';

/** Steps at which a hub can be made to die, by their names. */
export const killPoints = {
  'before an answer': 'A write is stored, its acknowledgement does not leave.',
  'after an answer': 'The acknowledgement has left, nothing more happens.',
  'before a push': 'A push is about to leave.',
  'after a push': 'The partner has answered a push, and the hub has not noted it.',
  'before a call': 'The hub is about to ask a platform that registers.',
  'after a call': 'The platform has answered, and the hub has not seen it.',
} as const;

export type KillPoint = keyof typeof killPoints;

/**
 * Makes a hub die hard at a named step, from outside: a module that is loaded before the hub's own and counts what passes
 * through Node.js' HTTP. The hub itself knows nothing of it.
 */
export class KillPoints {
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), 'roamhub-chaos-points-'));

  constructor() {
    writeFileSync(this.preload, program);
  }

  /** Arms a hub for its next start: it dies the `nth` time that it gets there. */
  arm(hub: HubProcess, point: KillPoint, nth: number): void {
    hub.settings.NODE_OPTIONS = `--import=${pathToFileURL(this.preload).href}`;
    hub.settings.CHAOS_KILL_POINT = point;
    hub.settings.CHAOS_KILL_AT = String(nth);
  }

  disarm(hub: HubProcess): void {
    for (const name of ['NODE_OPTIONS', 'CHAOS_KILL_POINT', 'CHAOS_KILL_AT']) delete hub.settings[name];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get preload(): string {
    return path.join(this.folder, 'kill-points.mjs');
  }
}

const program = `import http from 'node:http';

const point = process.env.CHAOS_KILL_POINT;
let left = Number(process.env.CHAOS_KILL_AT);
const pass = (name) => {
  if (name === point && --left === 0) process.kill(process.pid, 'SIGKILL');
};
const isWrite = ({ method, url }) => method !== 'GET' && (url ?? '').startsWith('/ocpi/');
const isPush = ({ method }) => method === 'PUT' || method === 'PATCH';

const { end } = http.ServerResponse.prototype;
http.ServerResponse.prototype.end = function (...args) {
  const counts = isWrite(this.req) && this.statusCode < 300;
  if (counts) pass('before an answer');
  const result = end.apply(this, args);
  if (counts) this.once('finish', () => pass('after an answer'));
  return result;
};

const { end: send, emit } = http.ClientRequest.prototype;
http.ClientRequest.prototype.end = function (...args) {
  pass(isPush(this) ? 'before a push' : 'before a call');
  return send.apply(this, args);
};
http.ClientRequest.prototype.emit = function (event, ...args) {
  if (event === 'response') pass(isPush(this) ? 'after a push' : 'after a call');
  return emit.call(this, event, ...args);
};
`;
