import { randomBytes } from 'node:crypto';
import net from 'node:net';
import type { Clock } from '../../../kernel/clock.js';
import { systemClock } from '../../../kernel/clock.js';
import type { OutboundClientOptions } from '../../outbound/index.js';
import { listen, newClient, success } from '../../outbound/testing/raw-partner.js';
import { defaultSwitches, type Partner, type PartnerSwitches, SealingKeyRing } from '../../partners/index.js';
import type { Reached } from '../../routing/index.js';
import { Forwarder } from '../forwarder.js';
import type { ForwardOrder } from '../forwarding-types.js';

export const em1 = { country_code: 'FR', party_id: 'EM1' };
export const cp1 = { country_code: 'DE', party_id: 'CP1' };

export function platform(
  fields: Partial<Omit<Partner, 'switches'>> & { switches?: Partial<PartnerSwitches> },
): Partner {
  const { switches, ...rest } = fields;
  return {
    id: 'p-1',
    name: 'platform',
    status: 'CONNECTED',
    roles: [{ role: 'CPO', ...cp1 }],
    allowedRoles: [],
    versionsUrl: '',
    version: '2.2.1',
    endpoints: [],
    origins: [],
    pendingOrigins: [],
    switches: { ...defaultSwitches, ...switches },
    createdAt: 0,
    credentialsAt: 0,
    ...rest,
  };
}

/** A receiver on this machine, reached for whatever module it is asked for. */
export function receiverAt(
  port: number,
  fields: Partial<Reached> & { switches?: Partial<PartnerSwitches> } = {},
): Reached {
  const { switches = {}, ...rest } = fields;
  const origin = `http://127.0.0.1:${port}`;
  return {
    kind: 'reached',
    party: cp1,
    partner: platform({ origins: [origin], switches }),
    url: `${origin}/ocpi/cpo/2.2.1/module`,
    token: 'token-that-the-hub-holds',
    ...rest,
  };
}

export const eMsp = platform({ id: 'p-2', roles: [{ role: 'EMSP', ...em1 }] });

export function order(fields: Partial<ForwardOrder> = {}): ForwardOrder {
  return {
    method: 'GET',
    module: 'locations',
    interfaceRole: 'SENDER',
    path: '',
    query: '',
    body: undefined,
    caller: eMsp,
    from: em1,
    to: cp1,
    ids: { requestId: 'request-of-the-caller', correlationId: 'correlation-of-the-caller' },
    ...fields,
  };
}

export const ring = new SealingKeyRing(new Map([['k1', randomBytes(32)]]), 'k1');

export interface ForwarderSetting {
  readonly client?: Partial<OutboundClientOptions>;
  readonly clock?: Clock;
  readonly ring?: SealingKeyRing;
}

/** A forwarder, with what it told the operator. */
export function newForwarder(setting: ForwarderSetting = {}) {
  const refused: string[] = [];
  const dropped: string[] = [];
  const forwarder = new Forwarder({
    client: newClient(setting.client),
    ring: setting.ring ?? ring,
    clock: setting.clock ?? systemClock,
    interfaceUrl: (module, role) => `https://hub.example/ocpi/2.2.1/${role.toLowerCase()}/${module}`,
    onRefusedToken: ({ id }) => refused.push(id),
    onDroppedHeader: (_partner, header, why) => dropped.push(`${header}: ${why}`),
  });
  return { forwarder, refused, dropped };
}

/** A request as a receiver got it. */
export interface Got {
  readonly line: string;
  /** Names as they were written. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface RawReceiver {
  readonly port: number;
  readonly got: Got[];
}

/** A receiver that keeps what it gets, byte for byte, and answers with what it is told; `undefined`: not at all. */
export async function rawReceiver(
  answer: (got: Got, socket: net.Socket) => string | Buffer | undefined = () => reply(),
): Promise<RawReceiver> {
  const got: Got[] = [];
  const port = await listen(
    net.createServer((socket) => {
      socket.on('error', () => undefined);
      let data = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        data = Buffer.concat([data, chunk]);
        const end = data.indexOf('\r\n\r\n');
        if (end === -1) return;
        const [line = '', ...fields] = data.toString('latin1', 0, end).split('\r\n');
        const headers = Object.fromEntries(fields.map((field) => field.split(/: (.*)/s).slice(0, 2)));
        const length = Number(headers['Content-Length'] ?? 0);
        if (data.length < end + 4 + length) return;
        const one = { line, headers, body: data.subarray(end + 4, end + 4 + length) };
        data = data.subarray(end + 4 + length);
        got.push(one);
        const text = answer(one, socket);
        if (text !== undefined) socket.write(text);
      });
    }),
  );
  return { port, got };
}

/** The text of an HTTP answer. */
export function reply(status = 200, body = success, headers = ''): string {
  return `HTTP/1.1 ${status} x\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
