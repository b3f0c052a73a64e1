import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// Sends ready pushes to their receivers, as many at a time to each as a lane has in flight, and looks whether the answer
// is good: what pushing costs if nobody has to find out what is to be sent, and nothing is remembered of it.

/** One push as the hub sent it. */
export interface BarePush {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value. */
  readonly headers: readonly string[];
  readonly body: string;
}

export interface BareRun {
  /** For each receiver what it is sent, again and again. */
  readonly pushes: readonly (readonly BarePush[])[];
  readonly atOnce: number;
  /** Pushes to each receiver. */
  readonly each: number;
  /** `node`: http.request with a keep-alive agent for each receiver; else the hub's own client, of this build's `main.js`. */
  readonly client: 'node' | { readonly program: string };
}

export interface BareResult {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

type Send = (push: BarePush) => Promise<void>;

process.on('message', (run: BareRun) => {
  perform(run).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`bare push: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
});

async function perform({ pushes, atOnce, each, client }: BareRun): Promise<BareResult> {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const loops: Promise<void>[] = [];
  for (const list of pushes) {
    const send = client === 'node' ? nodeSender() : await hubSender(client.program);
    let sent = 0;
    const loop = async (): Promise<void> => {
      while (sent < each) {
        const push = list[sent++ % list.length];
        if (push) await send(push);
      }
    };
    for (let index = 0; index < atOnce; index++) loops.push(loop());
  }
  await Promise.all(loops);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (user + system) / 1e6 };
}

function nodeSender(): Send {
  const agent = new http.Agent({ keepAlive: true });
  return ({ port, method, path: target, headers, body }) =>
    new Promise((resolve, reject) => {
      const options = { agent, host: '127.0.0.1', port, method, path: target, headers: [...headers] };
      const request = http.request(options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => {
          const { status_code: status } = JSON.parse(text) as { status_code: number };
          if (response.statusCode === 200 && status === 1000) resolve();
          else reject(new Error(`${method} ${target}: ${text}`));
        });
      });
      request.on('error', reject);
      request.end(body);
    });
}

interface HubClient {
  send(request: object): Promise<{ readonly kind: string; readonly statusCode?: number }>;
}

/** The part of a build that is needed here. */
interface HubBuild {
  readonly OutboundClient: new (options: object) => HubClient;
}

let shared: HubClient | undefined;

async function hubSender(program: string): Promise<Send> {
  const file = path.join(path.dirname(program), 'platform/outbound/index.js');
  const { OutboundClient } = (await import(pathToFileURL(file).href)) as HubBuild;
  const policy = { development: true, allowedNetworks: [] };
  shared ??= new OutboundClient({ policy, clock: { now: () => Date.now() } });
  const client = shared;
  // Put together once for each push, outside of what is measured as far as can be.
  const requests = new Map<BarePush, object>();
  return async (push) => {
    let request = requests.get(push);
    if (!request) {
      request = requestOf(push);
      requests.set(push, request);
    }
    const outcome = await client.send(request);
    if (outcome.kind !== 'answered' || outcome.statusCode !== 1000) throw new Error(JSON.stringify(outcome));
  };
}

/** A push in the terms of the hub's client. */
function requestOf({ port, method, path: target, headers, body }: BarePush): object {
  const value = (name: string): string => headers[headers.indexOf(name) + 1] ?? '';
  const origin = `http://127.0.0.1:${port}`;
  const routing: Record<string, string> = {};
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] ?? '';
    if (/^ocpi-/i.test(name)) routing[name] = headers[index + 1] ?? '';
  }
  return {
    method,
    url: `${origin}${target}`,
    token: Buffer.from(value('Authorization').replace('Token ', ''), 'base64').toString(),
    origins: [origin],
    profile: 'push',
    headers: routing,
    correlationId: value('X-Correlation-ID'),
    body,
  };
}
