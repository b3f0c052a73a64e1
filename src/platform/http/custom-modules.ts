import { roles } from '../../kernel/module-id.js';
import type { Method, PartyEndpoint } from './define-module.js';

const bodyLimit = 1024 * 1024;
const common = {
  path: '/*',
  owner: 'none',
  roles,
  // Only the two who agreed on it know what it means.
  addressing: { hub: 'refused', nobody: 'refused' },
} as const;

const endpoints: Readonly<Record<Method, PartyEndpoint>> = {
  GET: { ...common, method: 'GET' },
  DELETE: { ...common, method: 'DELETE' },
  POST: { ...common, method: 'POST', bodyLimit, bodyOptional: true },
  PUT: { ...common, method: 'PUT', bodyLimit, bodyOptional: true },
  PATCH: { ...common, method: 'PATCH', bodyLimit, bodyOptional: true },
};

/** How any message of a custom module is treated: passed on to the party that it names, as it is. */
export function customEndpoint(method: string): PartyEndpoint | undefined {
  return Object.hasOwn(endpoints, method) ? endpoints[method as Method] : undefined;
}
