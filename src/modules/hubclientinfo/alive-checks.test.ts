import { beforeEach, describe, expect, it } from '@jest/globals';
import type { OutboundOutcome, OutboundRequest } from '../../platform/outbound/index.js';
import { defaultSwitches, type Partner, type PartnerStatus } from '../../platform/partners/index.js';
import { AliveChecks } from './alive-checks.js';

const start = Date.UTC(2026, 0, 1);
const second = 1_000;
const minute = 60 * second;

const answer = (httpStatus = 200, statusCode: number | 'none' = 1000): OutboundOutcome => ({
  kind: 'answered',
  httpStatus,
  statusCode: statusCode === 'none' ? undefined : statusCode,
  statusMessage: undefined,
  envelope: statusCode !== 'none',
  text: '',
  headers: {},
  requestId: 'r',
  durationMs: 1,
});
const silence: OutboundOutcome = {
  kind: 'ambiguous',
  reason: 'timeout',
  bytesSent: true,
  detail: '',
  requestId: 'r',
  durationMs: 1,
};
const ours: OutboundOutcome = { kind: 'unreachable', reason: 'busy', detail: '', requestId: 'r', durationMs: 0 };

/** One partner and a clock; what it answers, and what became of it. */
class Scene {
  now = start;
  asked: OutboundRequest[] = [];
  moves: string[] = [];
  reply: () => OutboundOutcome | Promise<OutboundOutcome> = () => answer();
  seenAt = start;
  /** What happens while a status is being written. */
  meanwhile: () => void = () => undefined;
  mine = true;
  partner: Partner = {
    id: 'P',
    name: 'P',
    status: 'CONNECTED',
    roles: [{ country_code: 'DE', party_id: 'CP1', role: 'CPO' }],
    allowedRoles: [],
    versionsUrl: 'https://p.example/versions',
    version: '2.2.1',
    endpoints: [],
    origins: ['https://p.example'],
    pendingOrigins: [],
    switches: defaultSwitches,
    createdAt: start,
    credentialsAt: start,
  };
  readonly checks = new AliveChecks({
    directory: {
      all: () => [this.partner],
      byId: () => this.partner,
      lastSeenAt: () => this.seenAt,
      outboundToken: () => 'token',
    },
    registry: {
      setStatus: async (_id, status) => {
        if (this.partner.status === status || this.partner.status === 'SUSPENDED') return false;
        this.meanwhile();
        this.moves.push(`${(this.now - start) / second}s ${status}`);
        this.set({ status });
        return true;
      },
    },
    client: {
      send: async (request) => {
        this.asked.push(request);
        return this.reply();
      },
    },
    clock: { now: () => this.now },
    silentMs: 5 * minute,
    mayCheck: async () => this.mine,
    signal: new AbortController().signal,
  });

  set(fields: Partial<Partner>): void {
    this.partner = { ...this.partner, ...fields };
  }

  /** Lets time pass as the hub does: a look each second. */
  async pass(ms: number): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += second;
      await this.checks.bringBack();
      await this.checks.tick();
    }
  }

  status(): PartnerStatus {
    return this.partner.status;
  }
}

let scene: Scene;
beforeEach(() => {
  scene = new Scene();
});

describe('alive checks', () => {
  it('H-08 ask a partner that was silent for five minutes for its versions, with its token', async () => {
    await scene.pass(5 * minute - second);
    expect(scene.asked).toEqual([]);
    await scene.pass(second);
    expect(scene.asked).toMatchObject([
      { method: 'GET', url: 'https://p.example/versions', token: 'token', profile: 'handshake' },
    ]);
    expect(scene.moves).toEqual([]);
  });

  it('H-08 leave a partner alone that calls, and one that answers what it is sent', async () => {
    for (let n = 0; n < 10; n++) {
      await scene.pass(4 * minute);
      if (n % 2) scene.seenAt = scene.now;
      else scene.checks.heard('P');
    }
    expect(scene.asked).toEqual([]);
  });

  it('H-09 H-19 A-39 believe the second failure in a row, not the first', async () => {
    scene.reply = () => silence;
    await scene.pass(5 * minute + 29 * second);
    expect([scene.asked.length, scene.status()]).toEqual([1, 'CONNECTED']);
    await scene.pass(second);
    expect([scene.asked.length, scene.moves]).toEqual([2, ['330s OFFLINE']]);
  });

  it('H-19 begin anew when the second check goes well, or the partner calls between the two', async () => {
    scene.reply = () => (scene.asked.length === 1 ? silence : answer());
    await scene.pass(6 * minute);
    expect([scene.asked.length, scene.moves]).toEqual([2, []]);

    scene = new Scene();
    scene.reply = () => silence;
    await scene.pass(5 * minute + 10 * second);
    scene.seenAt = scene.now;
    await scene.pass(5 * minute + 10 * second);
    expect([scene.asked.length, scene.moves]).toEqual([2, []]);
    await scene.pass(30 * second);
    expect(scene.status()).toBe('OFFLINE');
  });

  it('H-10 ask a partner that is OFFLINE less and less often, each five minutes in the end', async () => {
    scene.reply = () => silence;
    await scene.pass(6 * minute);
    expect(scene.status()).toBe('OFFLINE');
    const times: number[] = [];
    scene.reply = () => {
      times.push(scene.now);
      return silence;
    };
    await scene.pass(40 * minute);
    const pauses = times.slice(1).map((at, n) => (at - (times[n] ?? 0)) / second);
    expect(pauses.slice(0, 5)).toEqual([120, 240, 300, 300, 300]);
  });

  it('H-09 make it CONNECTED again by one good answer', async () => {
    scene.reply = () => silence;
    await scene.pass(6 * minute);
    scene.reply = () => answer();
    await scene.pass(5 * minute);
    expect(scene.moves).toEqual(['330s OFFLINE', expect.stringMatching(/ CONNECTED$/)]);
  });

  it.each([
    ['calls', () => (scene.seenAt = scene.now)],
    ['answers what its lane sent', () => scene.checks.heard('P')],
  ])('H-09 A-39 make it CONNECTED within a second when it %s', async (_what, sign) => {
    scene.reply = () => silence;
    await scene.pass(6 * minute);
    expect(scene.status()).toBe('OFFLINE');
    sign();
    await scene.pass(second);
    expect(scene.status()).toBe('CONNECTED');
  });

  it('do not miss a call that comes while the last check is failing', async () => {
    scene.reply = () => {
      if (scene.asked.length === 2) scene.seenAt = scene.now;
      return silence;
    };
    await scene.pass(6 * minute);
    expect([scene.asked.length, scene.moves]).toEqual([2, []]);
  });

  it('bring a partner back that calls while its OFFLINE is being written', async () => {
    scene.reply = () => silence;
    scene.meanwhile = () => {
      scene.seenAt = scene.now;
      scene.meanwhile = () => undefined;
    };
    await scene.pass(6 * minute);
    expect(scene.moves).toEqual(['330s OFFLINE', '331s CONNECTED']);
  });

  it('do not take an old sign of life for a new one', async () => {
    scene.set({ status: 'OFFLINE' });
    scene.reply = () => silence;
    await scene.pass(10 * minute);
    expect(scene.moves).toEqual([]);
  });

  it.each([
    ['a refused token', answer(401, 2000), true],
    ['an error of its own', answer(200, 3000), true],
    ['no envelope', answer(200, 'none'), true],
    ['no connection', { ...ours, reason: 'connect' } as OutboundOutcome, true],
    ['too many requests', answer(429, 2000), false],
    ['no free socket of ours', ours, false],
    ['our own stop', { kind: 'refused', reason: 'closed' } as OutboundOutcome, false],
  ])('are judged well: %s', async (_what, outcome, fails) => {
    scene.reply = () => outcome;
    await scene.pass(10 * minute);
    expect(scene.status()).toBe(fails ? 'OFFLINE' : 'CONNECTED');
  });

  it('take an answer without envelope from a partner that is flagged for it', async () => {
    scene.set({ switches: { ...defaultSwitches, lenient_envelope: true } });
    scene.reply = () => answer(200, 'none');
    await scene.pass(10 * minute);
    expect(scene.moves).toEqual([]);
  });

  it('leave suspended partners, those that have left, and those of other nodes alone', async () => {
    scene.set({ status: 'SUSPENDED' });
    await scene.pass(10 * minute);
    scene.set({ status: 'CONNECTED', unregisteredAt: start });
    await scene.pass(10 * minute);
    scene.set({ status: 'CONNECTED' });
    const { unregisteredAt: _gone, ...rest } = scene.partner;
    scene.partner = rest;
    scene.mine = false;
    await scene.pass(10 * minute);
    expect(scene.asked).toEqual([]);
    scene.mine = true;
    await scene.pass(second);
    expect(scene.asked.length).toBe(1);
  });

  it('forget what an address came to that the partner has changed meanwhile', async () => {
    scene.reply = () => {
      if (scene.asked.length === 2) scene.set({ credentialsAt: scene.now });
      return silence;
    };
    await scene.pass(6 * minute);
    expect([scene.asked.length, scene.moves]).toEqual([2, []]);
  });

  describe('on behalf of a lane that reaches nobody', () => {
    it('are made at once, and one failure is enough', async () => {
      scene.reply = () => silence;
      scene.now += 6 * minute;
      await scene.checks.suspect('P');
      expect([scene.asked.length, scene.moves]).toEqual([1, ['360s OFFLINE']]);
    });

    it('H-19 leave a partner CONNECTED that answers, or was heard of lately', async () => {
      scene.now += 6 * minute;
      await scene.checks.suspect('P');
      expect([scene.asked.length, scene.moves]).toEqual([1, []]);
      scene.reply = () => silence;
      await scene.checks.suspect('P');
      expect([scene.asked.length, scene.moves]).toEqual([1, []]);
    });
  });
});
