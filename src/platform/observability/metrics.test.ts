import { describe, expect, it } from '@jest/globals';
import { createMetrics } from './metrics.js';

describe('createMetrics', () => {
  it('has a registry of its own, so that two hubs in one process do not meet', async () => {
    const [a, b] = [createMetrics({ withProcess: false }), createMetrics({ withProcess: false })];
    a.acks.inc({ module: 'locations' });
    expect(await a.text()).toContain('roamhub_acks_total{module="locations"} 1');
    expect(await b.text()).not.toContain('roamhub_acks_total{module="locations"}');
  });

  it('reads lanes, partners and objects at each scrape and forgets those that are gone', async () => {
    const metrics = createMetrics({ withProcess: false });
    const lane = { partnerId: 'p1', lagObjects: 3, lagSeconds: 1.5, inFlight: 2, parked: 1, breaker: 'open' };
    let lanes = [lane];
    metrics.watch({
      lanes: () => lanes,
      partners: () => new Map([['CONNECTED', 4]]),
      objects: async () => new Map([['tariffs', 5]]),
      requestsInFlight: () => 6,
    });
    const before = await metrics.text();
    expect(before).toContain('roamhub_lane_lag_objects{partner="p1"} 3');
    expect(before).toContain('roamhub_lane_lag_seconds{partner="p1"} 1.5');
    expect(before).toContain('roamhub_lane_in_flight{partner="p1"} 2');
    expect(before).toContain('roamhub_lane_parked{partner="p1"} 1');
    expect(before).toContain('roamhub_lane_breaker{partner="p1",state="open"} 1');
    expect(before).toContain('roamhub_partners{status="CONNECTED"} 4');
    expect(before).toContain('roamhub_objects{kind="tariffs"} 5');
    expect(before).toContain('roamhub_requests_in_flight 6');
    lanes = [{ ...lane, breaker: 'closed' }];
    expect(await metrics.text()).not.toContain('state="open"');
    lanes = [];
    expect(await metrics.text()).not.toContain('partner="p1"');
  });

  it('leaves out what cannot be read, and shows the rest', async () => {
    const metrics = createMetrics({ withProcess: false });
    let away = false;
    metrics.watch({
      partners: () => new Map([['CONNECTED', 4]]),
      objects: () => (away ? Promise.reject(new Error('away')) : Promise.resolve(new Map([['tariffs', 5]]))),
    });
    expect(await metrics.text()).toContain('roamhub_objects{kind="tariffs"} 5');
    away = true;
    const text = await metrics.text();
    expect(text).toContain('roamhub_partners{status="CONNECTED"} 4');
    expect(text).not.toContain('roamhub_objects{');
  });

  it('adds the figures of the process when asked, event loop delay among them', async () => {
    const text = await createMetrics({ withProcess: true }).text();
    expect(text).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(text).toContain('process_resident_memory_bytes');
  });
});
