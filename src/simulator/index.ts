export { cpoRoutes, emspRoutes } from './control/control-routes.js';
export { ControlServer } from './control/control-server.js';
export { CpoSimulator } from './cpo-simulator.js';
export { ownersInFile } from './data/ndjson.js';
export {
  type Comparison,
  type EmspOptions,
  EmspSimulator,
  type PullOptions,
  type PullResult,
} from './emsp-simulator.js';
export { type Fault, type FaultInput, type FaultKind, faultKinds, parseFault } from './faults/fault.js';
export { HandshakeError } from './handshake/handshake.js';
export type { SimulatedParty } from './http/exchange.js';
export type { Leg } from './http/leg-log.js';
export { Platform, type PlatformOptions } from './platform.js';
export { PutAll, type PutAllOptions } from './sender/put-all.js';
export type { Verification } from './sender/verify.js';
export { addPartnerCommands, addSimulateCommand, partiesOf } from './simulate-command.js';
export { type Snapshot, snapshotOf } from './snapshot.js';
export type { StreamOptions } from './stream/status-stream.js';
export { canonicalHash, canonicalJson } from './wire/canonical.js';
