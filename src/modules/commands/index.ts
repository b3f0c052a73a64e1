import type { Role } from '../../kernel/module-id.js';
import { defineModule, type OcpiModule, type PartyEndpoint } from '../../platform/http/index.js';
import { type CommandOperations, type CommandsDeps, commandOperations } from './command-operations.js';
import { commandTypes } from './read-command.js';

export type { CommandsDeps } from './command-operations.js';

const commanders: readonly Role[] = ['EMSP', 'NSP', 'OTHER', 'SCSP'];

/** The commands module: what passes to CPOs, and the results that come back. Spec: 2.2.1 §13. */
export function commandsModule(deps: CommandsDeps): OcpiModule {
  const operations = commandOperations(deps);
  return defineModule({
    kind: 'functional',
    id: 'commands',
    interfaces: { RECEIVER: receiverEndpoints(operations), SENDER: senderEndpoints(operations) },
  });
}

/** One for each command, so that another word is a URL that does not exist (CMD-01). Spec: 2.2.1 §13.2.1. */
function receiverEndpoints({ seek, passage }: CommandOperations): readonly PartyEndpoint[] {
  return commandTypes.map((type) => ({
    method: 'POST',
    path: `/${type}`,
    owner: 'none',
    roles: commanders,
    addressing: { hub: 'sought', nobody: 'sought' },
    bodyLimit: 64 * 1024,
    seek,
    passage,
  }));
}

/** What the hub puts in the place of a `response_url`. Spec: 2.2.1 §13.2.2. */
function senderEndpoints({ receiveResult }: CommandOperations): readonly PartyEndpoint[] {
  return commandTypes.map((type) => ({
    method: 'POST',
    path: `/${type}/:callback`,
    owner: 'none',
    roles: ['CPO'],
    addressing: 'always-local',
    bodyLimit: 64 * 1024,
    handle: (request) => receiveResult(type, request),
  }));
}
