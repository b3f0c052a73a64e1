import type { InterfaceRole } from '../../kernel/module-id.js';
import type { ConfigurationEndpoint, PartyEndpoint } from './define-module.js';

/** Where an endpoint is mounted. */
export interface Mount {
  readonly module: { readonly id: string };
  readonly interfaceRole: InterfaceRole;
  /** Path of the interface, such as `/ocpi/2.2.1/sender/locations`. */
  readonly path: string;
  /** Public URL of the interface. */
  readonly url: () => string;
  /** OCPI does not know this module; only partners that agreed on it may use it (V-10). */
  readonly custom?: boolean;
}

export type BoundEndpoint =
  | { readonly kind: 'configuration'; readonly mount: Mount; readonly endpoint: ConfigurationEndpoint }
  | { readonly kind: 'functional'; readonly mount: Mount; readonly endpoint: PartyEndpoint };
