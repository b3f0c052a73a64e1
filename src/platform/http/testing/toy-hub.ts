import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { defaultSwitches, type Partner } from '../../partners/index.js';
import type { OcpiModule } from '../define-module.js';
import { createPublicListener, type PublicListenerOptions } from '../public-listener.js';
import { type PipelineOptions, type RequestOutcome, RequestPipeline } from '../request-pipeline.js';

export const hub = { country_code: 'NL', party_id: 'HUB' };

export const eMSP: Partner = {
  id: 'EM1',
  name: 'EM1',
  status: 'CONNECTED',
  roles: [{ country_code: 'FR', party_id: 'EM1', role: 'EMSP' }],
  allowedRoles: [],
  versionsUrl: '',
  version: '2.2.1',
  endpoints: [],
  origins: [],
  pendingOrigins: [],
  switches: defaultSwitches,
  createdAt: 0,
  credentialsAt: 0,
};

export interface ToyAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly body: { status_code: number; status_message?: string; timestamp: string; data?: unknown };
}

/** The pipeline and the listener with toy modules, on a free port. Token `partner` is the eMSP's, `token-a` an invite's. */
export class ToyHub {
  readonly outcomes: RequestOutcome[] = [];
  readonly time = { now: Date.UTC(2026, 0, 1) };
  pipeline!: RequestPipeline;
  url = '';
  private server!: http.Server;

  static async open(
    modules: readonly OcpiModule[],
    options: Partial<PipelineOptions & Pick<PublicListenerOptions, 'patience'>> = {},
  ): Promise<ToyHub> {
    const toy = new ToyHub();
    toy.pipeline = new RequestPipeline({
      clock: { now: () => toy.time.now },
      authenticator: {
        authenticate: (authorization) => {
          if (authorization === 'Token partner')
            return { partner: eMSP, credentialId: 'p', presentedToken: 'partner', form: 'raw' };
          if (authorization === 'Token token-a') return { credentialId: 'a', presentedToken: 'token-a', form: 'raw' };
          return undefined;
        },
        touch: () => undefined,
      },
      hub,
      rateLimit: undefined,
      refusalPauseMs: 0,
      observe: (outcome) => void toy.outcomes.push(outcome),
      ...options,
    });
    toy.server = createPublicListener({
      publicUrl: () => toy.url,
      modules,
      pipeline: toy.pipeline,
      isReady: () => ({ ready: true }),
      ...(options.patience ? { patience: options.patience } : {}),
    });
    await new Promise<void>((resolve) => toy.server.listen(0, '127.0.0.1', resolve));
    toy.url = `http://127.0.0.1:${(toy.server.address() as AddressInfo).port}`;
    return toy;
  }

  call(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<ToyAnswer> {
    return new Promise((resolve, reject) => {
      const all = { Authorization: 'Token partner', ...headers };
      const request = http.request(this.url + path, { method, headers: all, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const { statusCode: status = 0, headers } = response;
          resolve({
            status,
            headers,
            bytes,
            get body() {
              return JSON.parse(bytes.toString()) as ToyAnswer['body'];
            },
          });
        });
      });
      request.on('error', reject);
      request.end(body);
    });
  }

  /** Writes bytes as they are; resolves with everything that comes back until the hub closes. */
  raw(...parts: (string | Buffer)[]): Promise<string> {
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const socket = net.connect((this.server.address() as AddressInfo).port, '127.0.0.1', () => {
        for (const part of parts) socket.write(part);
      });
      const done = (): void => {
        socket.destroy();
        resolve(Buffer.concat(chunks).toString('latin1'));
      };
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('error', done);
      socket.on('close', done);
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
