import type { PartyRef } from '../../../src/kernel/party-ref.js';
import { anyPlace } from '../../../src/simulator/charging/place.js';
import type { ProviderSide } from '../../../src/simulator/charging/provider-side.js';
import type { Leg } from '../../../src/simulator/http/leg-log.js';
import type { CpoSimulator, EmspSimulator, Platform } from '../../../src/simulator/index.js';

/** The part of an eMSP platform that has customers. */
export function providerOf(emsp: EmspSimulator): ProviderSide {
  if (emsp.provider === undefined) throw new Error(`${emsp.name} has no eMSP party`);
  return emsp.provider;
}

/** Members of a START_SESSION at some connector of a CPO party. */
export function somewhere(cpo: CpoSimulator, owner: PartyRef): Record<string, unknown> {
  const place = anyPlace(cpo.catalogue, owner);
  if (place === undefined) throw new Error(`${cpo.name} has no place to charge at`);
  return { location_id: place.location.id, evse_uid: place.evse.uid, connector_id: place.connector.id };
}

/** The legs of one message as both platforms saw them: the first that sent it, the second that got it from the hub. */
export function bothLegs(sender: Platform, receiver: Platform, correlationId: string): { sent: Leg; received: Leg } {
  const sent = sender.legs.list(correlationId).find(({ direction }) => direction === 'out');
  const received = receiver.legs.list(correlationId).find(({ direction }) => direction === 'in');
  if (sent === undefined || received === undefined) {
    throw new Error(`${correlationId}: ${sent ? 'sent but not received' : 'not sent'}`);
  }
  return { sent, received };
}
