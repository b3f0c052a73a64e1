export { ConfigRefusal } from './config-refusal.js';
export {
  type AdminTokenSource,
  type DatabaseConfig,
  type EvDataConfig,
  type EvReliabilityConfig,
  type HubConfig,
  type HubRole,
  type HubSecrets,
  type ListenerConfig,
  type LoadedConfig,
  type LogLevel,
  type PublicListenerConfig,
  publicUrl,
  type TimerConfig,
  urlHost,
} from './hub-config.js';
export { configSummary, loadAdminAddress, loadConfig } from './load-config.js';
export type { Environment, ReadFile } from './read-settings.js';
export { readTextFile } from './read-text-file.js';
