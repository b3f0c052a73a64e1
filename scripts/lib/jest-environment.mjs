/**
 * Jest environment of all tests: Node's own, plus two checks per test file, made when its last hook has run.
 *
 * 1. Nothing may be left that keeps the process alive: sockets, servers, timers, child processes. A file that leaves
 *    some for longer than GRACE_MS fails, with their kinds in the message.
 * 2. Nothing outside this machine may be contacted. A connection to another address than loopback (or the test
 *    services' hosts) fails as if the network were unplugged, and fails the file too, whatever the code made of it.
 */
import net from 'node:net';
import { TestEnvironment } from 'jest-environment-node';

const GRACE_MS = 3_000;
const POLL_MS = 20;
const WATCHED = new Set([
  'ChildProcess',
  'FSEventWrap',
  'HTTPINCOMINGMESSAGE',
  'MessagePort',
  'PipeServerWrap',
  'PipeWrap',
  'ProcessWrap',
  'StatWatcher',
  'TCPServerWrap',
  'TCPSocketWrap',
  'TCPWrap',
  'TLSWrap',
  'Timeout',
  'UDPWrap',
  'Worker',
]);

const count = () => {
  const counts = new Map();
  for (const kind of process.getActiveResourcesInfo()) {
    if (WATCHED.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
};

const surplus = (before) =>
  [...count()]
    .map(([kind, number]) => [kind, number - (before.get(kind) ?? 0)])
    .filter(([, number]) => number > 0)
    .map(([kind, number]) => `${number} × ${kind}`);

const allowedHosts = new Set(['localhost', '::1', '::', '0.0.0.0', '']);
for (const url of [process.env.ROAMHUB_TEST_REDIS_URL, process.env.ROAMHUB_TEST_POSTGRES_URL]) {
  if (url !== undefined && URL.canParse(url)) allowedHosts.add(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}
const isAllowed = (host) =>
  allowedHosts.has(host) || /^127\./.test(host) || /^::ffff:127\./i.test(host) || host.endsWith('.localhost');

/** Addresses refused since the running file began; the patch below is made once per process, files take turns. */
const refused = new Set();
const originalConnect = net.Socket.prototype.connect;
const guardedConnect = function connect(...args) {
  // node:net hands on either its own normalised pair [options, callback] or what the caller wrote.
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  const options = typeof first === 'object' && first !== null ? first : { port: first, host: args[1] };
  const host = typeof options.host === 'string' ? options.host : '';
  if (typeof options.path === 'string' || isAllowed(host)) return originalConnect.apply(this, args);
  refused.add(`${host}:${options.port}`);
  const error = Object.assign(new Error(`a test may not connect to ${host}`), { code: 'ENETUNREACH' });
  process.nextTick(() => this.destroy(error));
  return this;
};

export default class RoamhubEnvironment extends TestEnvironment {
  #before = new Map();
  #timeoutMs;

  constructor(config, context) {
    super(config, context);
    this.#timeoutMs = config.projectConfig.testTimeout;
  }

  async setup() {
    await super.setup();
    net.Socket.prototype.connect = guardedConnect;
    refused.clear();
    this.#before = count();
  }

  async handleTestEvent(event, state) {
    // Jest itself takes the timeout of the whole run only and forgets what a project says.
    if (event.name === 'setup' && this.#timeoutMs !== undefined) state.testTimeout = this.#timeoutMs;
    if (event.name !== 'run_finish') return;
    // What the last test has just asked for may open in the next turn of the event loop only.
    await new Promise((resolve) => setImmediate(resolve));
    const deadline = performance.now() + GRACE_MS;
    let left = surplus(this.#before);
    while (left.length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      left = surplus(this.#before);
    }
    if (left.length > 0) {
      state.unhandledErrors.push(
        plainError(`left open after the last test: ${left.join(', ')}. Close what a test opens.`),
      );
    }
    if (refused.size > 0) {
      state.unhandledErrors.push(plainError(`tests may reach loopback only, but tried ${[...refused].join(', ')}`));
    }
  }
}

/** An error without a stack: the place that matters is not in this file. */
const plainError = (message) => {
  const error = new Error(message);
  error.stack = `Error: ${message}`;
  return error;
};
