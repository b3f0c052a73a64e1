import { unauthorized } from '../../kernel/ocpi-error.js';
import {
  defineModule,
  done,
  type MountedEndpoint,
  type OcpiModule,
  type OcpiReply,
  type OcpiRequest,
} from '../../platform/http/index.js';
import { type Caller, isSpent } from '../../platform/partners/index.js';
import { VersionOperations } from './version-operations.js';

export { type Version, type VersionDetails, VersionOperations } from './version-operations.js';

export interface VersionsDeps {
  /** What is really mounted for a caller, with absolute URLs. */
  readonly mounted: (caller: Caller) => readonly MountedEndpoint[];
}

/** Versions and version details, open to token A as well (V-09). Spec: 2.2.1 §6. */
export function versionsModule({ mounted }: VersionsDeps): OcpiModule {
  const operations = new VersionOperations(mounted);
  const access = 'registered or invited' as const;
  return defineModule({
    kind: 'configuration',
    id: 'versions',
    interfaces: {
      SENDER: [
        { method: 'GET', path: '/versions', access, handle: living((request) => operations.listVersions(request.url)) },
        {
          method: 'GET',
          path: '/:version',
          access,
          handle: living((request) => operations.getVersionDetails(request.params.version ?? '', request.caller)),
        },
      ],
    },
  });
}

/** Answers with what `operation` gives; 401 for a token A that has done its work (C-04). */
function living(operation: (request: OcpiRequest) => unknown): (request: OcpiRequest) => OcpiReply {
  return (request) => {
    if (isSpent(request.caller)) throw unauthorized();
    return done(operation(request));
  };
}
