import { type InterfaceRole, isCustomModule } from '../../kernel/module-id.js';

const mark = '[redacted]';
/** Segments in front of what a module's own URLs say: `/ocpi/2.2.1/receiver/tokens`. */
const headSegments = 5;
/** Ids of OCPI are shorter; what is longer is a sealed reference of ours. */
const longestId = 40;
const longestPath = 400;

/** Parameters that say which objects are asked for, and never whose card. */
const plainParameters = new Set([
  'connector_id',
  'country_code',
  'date_from',
  'date_to',
  'duration',
  'evse_uid',
  'limit',
  'location_id',
  'offset',
  'party_id',
  'type',
]);

interface Asked {
  readonly path: string;
  /** Without `?`. */
  readonly query?: string;
  readonly module: string;
  readonly interfaceRole: InterfaceRole | undefined;
}

/**
 * Path and query as they may be kept (T20): the uid of a token, the one-time id of a callback and references that the hub made are
 * not, nor what stands in URLs of which nobody knows what they hold, nor the value of any parameter that is not known to be
 * harmless.
 */
export function shownPath({ path, query, module, interfaceRole }: Asked): string {
  const shown = query === undefined || query === '' ? pathOf(path, module, interfaceRole) : withQuery();
  return shown.length <= longestPath ? shown : `${shown.slice(0, longestPath)}…`;

  function withQuery(): string {
    const parts = [...new URLSearchParams(query)].map(([name, value]) =>
      plainParameters.has(name) ? `${name}=${value}` : `${/^[a-z_]{1,40}$/.test(name) ? name : '…'}=…`,
    );
    return `${pathOf(path, module, interfaceRole)}?${parts.join('&')}`;
  }
}

function pathOf(path: string, module: string, interfaceRole: InterfaceRole | undefined): string {
  switch (module) {
    // The hot ones first: their URLs hold nothing but ids of objects.
    case 'locations':
    case 'tariffs':
    case 'versions':
    case 'credentials':
    case 'hubclientinfo':
      return path;
    case 'tokens':
      return below(path, (rest) => (interfaceRole === 'SENDER' ? askedToken(rest) : storedToken(rest)));
    case 'commands':
    case 'chargingprofiles':
      return below(path, (rest) => (interfaceRole === 'SENDER' ? callback(rest) : rest.map(shortened)));
    default:
      if (module === '' || isCustomModule(module)) return below(path, (rest) => (rest.length === 0 ? rest : ['…']));
      return path.length < longestId ? path : below(path, (rest) => rest.map(shortened));
  }
}

function below(path: string, shown: (rest: readonly string[]) => readonly string[]): string {
  const segments = path.split('/');
  return [...segments.slice(0, headSegments), ...shown(segments.slice(headSegments))].join('/');
}

/** `UID/authorize` */
const askedToken = (rest: readonly string[]): readonly string[] =>
  rest.map((one, index) => (one === '' || (index === 1 && one === 'authorize') ? one : mark));

/** `DE/CP1/UID` */
const storedToken = (rest: readonly string[]): readonly string[] =>
  rest.map((one, index) => {
    if (one === '' || (index === 0 && /^[a-z]{2}$/i.test(one)) || (index === 1 && /^[a-z0-9]{3}$/i.test(one)))
      return one;
    return mark;
  });

/** `START_SESSION/ID`: whoever has the id could send a result. */
const callback = (rest: readonly string[]): readonly string[] =>
  rest.map((one) => (one === '' || /^[A-Z_]{1,40}$/.test(one) ? one : mark));

const shortened = (segment: string): string => (segment.length <= longestId ? segment : `${segment.slice(0, 8)}…`);
