import { type InterfaceRole, type Role, roles } from '../../kernel/module-id.js';

const owners: readonly Role[] = ['CPO'];
const consumers: readonly Role[] = ['EMSP', 'NSP', 'NAP', 'OTHER', 'SCSP'];

/** Which role of a party an interface belongs to, the likeliest first. */
const byInterface: Readonly<Record<string, readonly Role[]>> = {
  'locations SENDER': owners,
  'locations RECEIVER': consumers,
  'tariffs SENDER': owners,
  'tariffs RECEIVER': consumers,
  'sessions SENDER': owners,
  'sessions RECEIVER': ['EMSP', 'SCSP', 'NSP', 'NAP', 'OTHER'],
  'cdrs SENDER': owners,
  'cdrs RECEIVER': consumers,
  'tokens SENDER': ['EMSP', 'OTHER'],
  'tokens RECEIVER': owners,
  'commands RECEIVER': owners,
  'commands SENDER': ['EMSP', 'NSP', 'OTHER', 'SCSP'],
  'chargingprofiles RECEIVER': ['CPO', 'EMSP'],
  'chargingprofiles SENDER': ['SCSP', 'EMSP', 'OTHER'],
};

/** The roles in which a party serves an interface, the likeliest first; all for a custom module. */
export function receivingRoles(module: string, interfaceRole: InterfaceRole): readonly Role[] {
  return byInterface[`${module} ${interfaceRole}`] ?? roles;
}
