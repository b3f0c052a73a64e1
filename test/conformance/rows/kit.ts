import { expect } from '@jest/globals';
import {
  type Answer,
  at,
  location,
  nextOf,
  type PartnerName,
  type Sample,
  startTestHub,
  type TestHub,
  type TestHubOptions,
  tariff,
} from '../../support/hub/index.js';

/** URL of an object of DE/CP1 on the Receiver interface. */
export const locationUrl = (hub: TestHub, ...ids: string[]): string =>
  [hub.receiver.locations, 'DE', 'CP1', ...(ids.length > 0 ? ids : ['LOC1'])].join('/');
export const tariffUrl = (hub: TestHub, id = 'T1'): string => `${hub.receiver.tariffs}/DE/CP1/${id}`;

/** Judges an answer by both codes. */
export function expectCodes(answer: Answer, httpStatus: number, statusCode: number): Answer {
  expect({ http: answer.status, ocpi: answer.body.status_code, message: answer.body.status_message }).toEqual({
    http: httpStatus,
    ocpi: statusCode,
    message: statusCode < 2000 ? undefined : expect.any(String),
  });
  return answer;
}

export async function putLocation(
  hub: TestHub,
  body: Sample = location(),
  ...codes: [number, number] | []
): Promise<void> {
  const [httpStatus, statusCode] = codes.length === 2 ? codes : [201, 1000];
  expectCodes(await hub.as('P1', 'PUT', locationUrl(hub, String(body.id ?? 'LOC1')), { body }), httpStatus, statusCode);
}

export async function putTariff(hub: TestHub, body: Sample = tariff(), ...codes: [number, number] | []): Promise<void> {
  const [httpStatus, statusCode] = codes.length === 2 ? codes : [201, 1000];
  expectCodes(await hub.as('P1', 'PUT', tariffUrl(hub, String(body.id ?? 'T1')), { body }), httpStatus, statusCode);
}

/** PATCHes below DE/CP1 and judges the answer; `last_updated` is one second after the samples unless given. */
export async function patch(
  hub: TestHub,
  ids: readonly string[],
  body: Sample,
  httpStatus = 200,
  statusCode = 1000,
): Promise<Answer> {
  const full = 'last_updated' in body ? body : { ...body, last_updated: at(1) };
  return expectCodes(await hub.as('P1', 'PATCH', locationUrl(hub, ...ids), { body: full }), httpStatus, statusCode);
}

/** What the hub holds, as its owner reads it. */
export async function held(hub: TestHub, ...ids: string[]): Promise<Record<string, unknown>> {
  return expectCodes(await hub.as('P1', 'GET', locationUrl(hub, ...ids)), 200, 1000).data;
}

/** Nothing of DE/CP1 is stored, and nobody would be told of anything behind `head`. */
export async function expectNothingStored(hub: TestHub, head: number): Promise<void> {
  const owner = [{ country_code: 'DE', party_id: 'CP1' }];
  expect([await hub.stores.locations.countOf(owner), await hub.stores.tariffs.countOf(owner)]).toEqual([0, 0]);
  expect(await hub.changes(head)).toEqual([]);
}

/** A refusal in full: 200/2001, and no trace of what was refused. */
export async function expectRefused(hub: TestHub, method: string, url: string, body: unknown): Promise<void> {
  const head = hub.head();
  expectCodes(await hub.as('P1', method, url, { body }), 200, 2001);
  expect(await hub.changes(head)).toEqual([]);
}

/** Each of these Locations is refused with 200/2001 and leaves nothing. */
export async function refusesLocations(hub: TestHub, ...bodies: Sample[]): Promise<void> {
  for (const body of bodies) await expectRefused(hub, 'PUT', locationUrl(hub, 'LOC1'), body);
  await expectNothingStored(hub, hub.head());
}

export async function refusesTariffs(hub: TestHub, ...bodies: Sample[]): Promise<void> {
  for (const body of bodies) await expectRefused(hub, 'PUT', tariffUrl(hub), body);
  await expectNothingStored(hub, hub.head());
}

/** Follows Link to the end; the pages as they came. */
export const crawl = (hub: TestHub, url: string, onPage?: () => Promise<void>): Promise<Answer[]> =>
  crawlAs(hub, 'P2', url, onPage);

export async function crawlAs(
  hub: TestHub,
  partner: PartnerName,
  url: string,
  onPage?: () => Promise<void>,
): Promise<Answer[]> {
  const pages: Answer[] = [];
  for (let next: string | undefined = url; next !== undefined; next = nextOf(pages.at(-1) as Answer)) {
    pages.push(expectCodes(await hub.as(partner, 'GET', next), 200, 1000));
    await onPage?.();
  }
  return pages;
}

export const idsOf = (answer: Answer): unknown[] => answer.list.map((object) => object.id);

/** Tariffs of DE/CP1, in this order, each stamped one second after the one before. */
export async function fillTariffs(
  hub: TestHub,
  count: number,
  make = (n: number) => tariff(`T${n}`, { last_updated: at(n) }),
): Promise<void> {
  for (let n = 0; n < count; n += 50) {
    const some = Array.from({ length: Math.min(50, count - n) }, (_, index) => make(n + index));
    await Promise.all(
      some.map((body) =>
        hub.stores.tariffs.put(
          { country_code: 'DE', party_id: 'CP1', tariff_id: String(body.id) },
          {
            document: JSON.stringify(body),
            lastUpdated: Date.parse(String(body.last_updated)),
            oddities: [],
            applyStale: false,
          },
          { correlationId: 'fill', now: hub.now },
        ),
      ),
    );
  }
}

/** Runs a test on a hub with other options than the shared one. */
export async function onAnotherHub(options: TestHubOptions, run: (hub: TestHub) => Promise<void>): Promise<void> {
  const hub = await startTestHub(options);
  try {
    await run(hub);
  } finally {
    await hub.close();
  }
}

export const toHub = { 'OCPI-to-country-code': 'NL', 'OCPI-to-party-id': 'HUB' };
export const fromParty = (country: string, party: string): Record<string, string> => ({
  'OCPI-from-country-code': country,
  'OCPI-from-party-id': party,
});
export const toParty = (country: string, party: string): Record<string, string> => ({
  'OCPI-to-country-code': country,
  'OCPI-to-party-id': party,
});
