/** The modules of OCPI 2.2.1 as they are called in version details. Spec: 2.2.1 §6.2.4. */
export const moduleIds = [
  'cdrs',
  'chargingprofiles',
  'commands',
  'credentials',
  'hubclientinfo',
  'locations',
  'sessions',
  'tariffs',
  'tokens',
] as const;
export type ModuleId = (typeof moduleIds)[number];

/** How ids of modules look that OCPI does not know and some parties have agreed on, such as `nlhub-tasks`. Spec: 2.2.1 §6.2.4, V-10. */
export const customModulePattern = /^[a-z0-9]+-[a-z0-9-]{1,58}$/;

/** Whether this may be the id of a custom module; those of OCPI itself have no hyphen. */
export const isCustomModule = (id: string): boolean => id.length <= 64 && customModulePattern.test(id);

/** SENDER owns the data and is pulled from, RECEIVER is pushed to. Spec: 2.2.1 §6.2.3, V-07. */
export const interfaceRoles = ['SENDER', 'RECEIVER'] as const;
export type InterfaceRole = (typeof interfaceRoles)[number];

/** What a party does in the market. Spec: 2.2.1 §16.6, D-12. */
export const roles = ['CPO', 'EMSP', 'HUB', 'NAP', 'NSP', 'OTHER', 'SCSP'] as const;
export type Role = (typeof roles)[number];

/** Modules that configure the connection itself: never routed, no routing headers. */
export const configurationModules: ReadonlySet<string> = new Set(['versions', 'credentials', 'hubclientinfo']);

/** The one version this hub speaks. */
export const ocpiVersion = '2.2.1';
