import { describe, expect, it } from '@jest/globals';
import type { Role } from '../../kernel/module-id.js';
import { hubError, receiverTimeout } from '../../kernel/ocpi-error.js';
import { type PartyRef, partyKey, sameParty } from '../../kernel/party-ref.js';
import { everythingOpen, type SharingPolicy } from '../agreements/index.js';
import { defaultSwitches, type Partner } from '../partners/index.js';
import { newTrace, PartyBook } from '../routing/index.js';
import { ForwardFailure } from './forward-failure.js';
import type { ForwardEnd, ForwardedAnswer, ForwardOrder, Forwards, RouteOrder } from './forwarding-types.js';
import { Router, type RouterOptions } from './router.js';

function partner(id: string, party: string, role: Role, modules: readonly string[]): Partner {
  const [country_code = '', party_id = ''] = party.split('/');
  const roles = [{ country_code, party_id, role }];
  return {
    id,
    name: id,
    status: 'CONNECTED',
    roles,
    allowedRoles: roles,
    versionsUrl: '',
    version: '2.2.1',
    endpoints: modules.map((text) => {
      const [identifier = '', side] = text.split(' ');
      return {
        identifier,
        role: side === 'SENDER' ? 'SENDER' : 'RECEIVER',
        url: `https://${id}.example/${identifier}`,
      };
    }),
    origins: [],
    pendingOrigins: [],
    switches: defaultSwitches,
    createdAt: 0,
    credentialsAt: 0,
  };
}

const p1 = partner('p1', 'DE/CP1', 'CPO', ['commands RECEIVER']);
const p2 = partner('p2', 'FR/EM1', 'EMSP', ['tokens SENDER']);
const p3 = partner('p3', 'BE/EM2', 'EMSP', ['tokens SENDER']);
const hub2 = partner('hub2', 'BE/HB2', 'HUB', ['commands RECEIVER']);
const all = [p1, p2, p3, hub2];
const ref = (text: string): PartyRef => {
  const [country_code = '', party_id = ''] = text.split('/');
  return { country_code, party_id };
};
const codes = (statusCode: number) => expect.objectContaining({ httpStatus: 200, statusCode });

interface World {
  readonly router: Router;
  readonly sent: { readonly order: ForwardOrder; readonly to: string }[];
}

type Reply = (order: ForwardOrder, partnerId: string) => Promise<ForwardedAnswer> | ForwardedAnswer;

function answer(order: ForwardOrder, statusCode = 1000, httpStatus = 200): ForwardedAnswer {
  return {
    httpStatus,
    statusCode,
    headers: [],
    from: order.to,
    body: Buffer.from('{}'),
    requestId: 'r2',
    durationMs: 1,
  };
}

function world(reply: Reply = (order) => answer(order), options: Partial<RouterOptions> = {}): World {
  const sent: { order: ForwardOrder; to: string }[] = [];
  const forwards: Forwards = {
    async forward(order, receiver) {
      sent.push({ order, to: receiver.partner.id });
      return reply(order, receiver.partner.id);
    },
    receiverOf: () => ref('DE/CP1'),
    async follow(_reference, order, receiver) {
      sent.push({ order, to: receiver.partner.id });
      return reply(order, receiver.partner.id);
    },
  };
  const book = new PartyBook({
    all: () => all,
    byId: (id) => all.find((one) => one.id === id),
    speakingFor: (party) => all.filter((one) => one.roles.some((role) => sameParty(role, party))),
    outboundToken: () => 'token',
  });
  return { router: new Router({ book, policy: everythingOpen, forwards, ...options }), sent };
}

function order(fields: Partial<RouteOrder> = {}): RouteOrder {
  return {
    method: 'POST',
    module: 'commands',
    interfaceRole: 'RECEIVER',
    path: '/START_SESSION',
    query: '',
    body: Buffer.from('{"a":1}'),
    caller: p2,
    from: ref('FR/EM1'),
    ids: { requestId: 'r1', correlationId: 'c1' },
    trace: newTrace(),
    ...fields,
  };
}

const denying = (module: string): SharingPolicy => ({
  ...everythingOpen,
  isOpen: false,
  judge: (flow) => ({ allowed: flow.module !== module, rule: 'agreement-7' }),
});

describe('a message to one party', () => {
  it('goes there once, as it is, and the trace says why (R-04)', async () => {
    const { router, sent } = world();
    const one = order();
    await expect(router.direct(one, ref('de/cp1'))).resolves.toMatchObject({ statusCode: 1000 });
    expect(sent).toMatchObject([
      { to: 'p1', order: { from: ref('FR/EM1'), to: ref('de/cp1'), path: '/START_SESSION' } },
    ]);
    expect(one.trace).toMatchObject({
      scenario: 'direct',
      candidates: [{ party: 'DE/CP1', partnerId: 'p1', leg: { requestId: 'r2', httpStatus: 200, statusCode: 1000 } }],
    });
  });

  it.each([
    ['nobody has', 'XX/YYY', order(), 4001, 'R-10'],
    ['offers no such module', 'DE/CP1', order({ module: 'chargingprofiles' }), 4000, 'R-14'],
  ])('that %s is refused without a call', async (_what, to, one, code, rule) => {
    const { router, sent } = world();
    await expect(router.direct(one, ref(to))).rejects.toEqual(codes(code));
    expect([sent, one.trace.rules]).toEqual([[], [rule]]);
  });

  it('that is expected and not connected yet is 4003 (R-11)', async () => {
    const { router } = world(undefined, { isPlanned: (party) => partyKey(party) === 'XX/YYY' });
    await expect(router.direct(order(), ref('XX/YYY'))).rejects.toEqual(codes(4003));
  });

  it('that is away is 4003, and not tried', async () => {
    const { router, sent } = world();
    const was = p1.status;
    Object.assign(p1, { status: 'OFFLINE' });
    try {
      await expect(router.direct(order(), ref('DE/CP1'))).rejects.toEqual(codes(4003));
    } finally {
      Object.assign(p1, { status: was });
    }
    expect(sent).toEqual([]);
  });

  it('without an agreement is 4003, and the trace names the agreement', async () => {
    const { router, sent } = world(undefined, { policy: denying('commands') });
    const one = order();
    await expect(router.direct(one, ref('DE/CP1'))).rejects.toEqual(codes(4003));
    expect(sent).toEqual([]);
    expect(one.trace.candidates).toMatchObject([{ why: 'not shared (agreement-7)' }]);
  });

  it('that fails is not tried again; its module is told how it ended (P10)', async () => {
    const failure = new ForwardFailure(receiverTimeout(), { outcome: 'timeout', mayHaveArrived: true, detail: 'late' });
    const { router, sent } = world(() => Promise.reject(failure));
    const ends: ForwardEnd[] = [];
    const one = order();
    const passage = { outward: () => ({ settled: (end: ForwardEnd) => void ends.push(end) }) };
    await expect(router.direct(one, ref('DE/CP1'), passage)).rejects.toEqual(codes(4002));
    expect(sent).toHaveLength(1);
    expect(ends).toEqual([{ kind: 'failed', error: failure, mayHaveArrived: true }]);
    expect(one.trace.candidates[0]?.leg?.outcome).toBe('timeout');
  });

  it('leaves as its module changed it, or not at all if that has the answer (T17)', async () => {
    const { router, sent } = world();
    await router.direct(order(), ref('DE/CP1'), { outward: () => ({ body: Buffer.from('{"b":2}'), query: 'q=1' }) });
    expect(sent[0]?.order).toMatchObject({ body: Buffer.from('{"b":2}'), query: 'q=1' });
    const before = await router.direct(order(), ref('DE/CP1'), { outward: (one) => ({ answer: answer(one, 2003) }) });
    expect([before.statusCode, sent.length]).toEqual([2003, 1]);
  });

  it('waits for nobody when too many are under way to its receiver', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { router } = world((one) => held.then(() => answer(one)), { mostUnderWay: 1 });
    const first = router.direct(order(), ref('DE/CP1'));
    await expect(router.direct(order(), ref('DE/CP1'))).rejects.toEqual(codes(4000));
    release();
    await first;
    await expect(router.direct(order(), ref('DE/CP1'))).resolves.toBeDefined();
  });
});

describe('a message that goes round between hubs (T18)', () => {
  it('ends where it has been before', async () => {
    const { router, sent } = world(async (one) => {
      // The receiver sends it back through another hub.
      await expect(router.direct(order({ caller: hub2, from: one.from }), ref('DE/CP1'))).rejects.toEqual(codes(4000));
      return answer(one);
    });
    await router.direct(order(), ref('DE/CP1'));
    expect(sent).toHaveLength(1);
  });

  it('is none when an ordinary partner sends the same twice at once', async () => {
    const { router, sent } = world();
    await Promise.all([router.direct(order(), ref('DE/CP1')), router.direct(order(), ref('DE/CP1'))]);
    expect(sent).toHaveLength(2);
  });
});

describe('a message that names nobody', () => {
  const authorize = (): RouteOrder =>
    order({ module: 'tokens', interfaceRole: 'SENDER', path: '/UID/authorize', caller: p1, from: ref('DE/CP1') });
  const anyEmsp = { kind: 'any', parties: [ref('FR/EM1'), ref('BE/EM2'), ref('DE/CP1')], by: 'unknown token' } as const;

  it('goes to the party that its content shows (R-34)', async () => {
    const { router, sent } = world();
    const one = order();
    await router.open(one, { kind: 'party', party: ref('DE/CP1'), by: 'owner of the Location' });
    expect(sent).toMatchObject([{ to: 'p1', order: { to: ref('DE/CP1') } }]);
    expect(one.trace).toMatchObject({ scenario: 'open', candidates: [{ why: 'owner of the Location' }] });
  });

  it('is 4001 where nothing shows one (R-35)', async () => {
    const { router } = world();
    await expect(router.open(order(), { kind: 'nobody', by: 'no location_id' })).rejects.toEqual(codes(4001));
  });

  it('is answered by the first who knows, and the others are called off (R-35)', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const { router } = world((one, id) => {
      if (id === 'p3') return answer(one);
      signals.push(one.signal);
      return new Promise(() => undefined);
    });
    const found = await router.open(authorize(), anyEmsp);
    expect(partyKey(found.from)).toBe('BE/EM2');
    expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  });

  it('is 404/2004 if nobody knows, and 4001 if nobody answers (R-35)', async () => {
    const unknown = world((one, id) => {
      if (id === 'p2') throw new ForwardFailure(hubError('x'), { outcome: 'reset', mayHaveArrived: true, detail: '' });
      return answer(one, 2004, 404);
    });
    await expect(unknown.router.open(authorize(), anyEmsp)).resolves.toMatchObject({
      httpStatus: 404,
      statusCode: 2004,
    });
    const silent = world(() => {
      throw new ForwardFailure(receiverTimeout(), { outcome: 'timeout', mayHaveArrived: true, detail: '' });
    });
    await expect(silent.router.open(authorize(), anyEmsp)).rejects.toEqual(codes(4001));
  });

  it('asks only whom agreements let answer', async () => {
    const policy: SharingPolicy = {
      ...everythingOpen,
      isOpen: false,
      judge: ({ giver }) => ({ allowed: giver.party_id === 'EM2', rule: 'closed FR/EM1' }),
    };
    const { router, sent } = world(undefined, { policy });
    await router.open(authorize(), anyEmsp);
    expect(sent.map(({ to }) => to)).toEqual(['p3']);
  });
});
