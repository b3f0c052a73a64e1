/** Ways to misbehave that can be switched on; what each does is told in the README of this folder's parent. */
export const faultKinds = [
  'slow',
  'late',
  'dead',
  'error500',
  'status',
  'retry-after',
  'unavailable',
  'reject2001',
  'ocpi3000',
  'patch404',
  'html',
  'no-envelope',
  'empty',
  'hang',
  'headers-only',
  'reset',
  'close',
  'redirect',
  'gzip',
  'bomb',
  'encodings',
  'huge',
  'huge-headers',
  'trickle',
  'wrong-total',
  'foreign-link',
  'endless-link',
  'bad-object',
  'falling-offset',
] as const;

export type FaultKind = (typeof faultKinds)[number];

const pageFaults: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'wrong-total',
  'foreign-link',
  'endless-link',
  'bad-object',
  'falling-offset',
]);

/** Whether a fault spoils pages of a list rather than single answers. */
export const isPageFault = (kind: FaultKind): boolean => pageFaults.has(kind);

/** One fault in force. */
export interface Fault {
  kind: FaultKind;
  /** The parameter as text: milliseconds, a status, bytes or a URL, by kind. */
  value: string | undefined;
  /** The parameter as a number, if it is one. */
  number: number | undefined;
  /** Share of the requests (of the objects, for `reject2001`) that it strikes, 0 … 1. */
  share: number;
  /** Which requests: functional modules (the default), versions and credentials, or both. */
  on: 'modules' | 'configuration' | 'all';
  /** Only these methods; undefined = all. */
  methods: string[] | undefined;
}

/** How a fault is written in JSON; everything but `kind` may be left out. */
export interface FaultInput {
  kind: string;
  value?: string | number;
  share?: number;
  on?: string;
  methods?: string[];
}

/**
 * Reads a fault: `slow=500`, `error500@0.1`, `reject2001@1%`, `redirect=http://127.0.0.1:9/x`, or the JSON form.
 *
 * @throws RangeError if kind, share or scope are none.
 */
export function parseFault(input: string | FaultInput): Fault {
  const given = typeof input === 'string' ? fromText(input) : input;
  const kind = faultKinds.find((k) => k === given.kind);
  if (kind === undefined) throw new RangeError(`unknown fault "${given.kind}"; known: ${faultKinds.join(', ')}`);
  const share = given.share ?? 1;
  if (!(share >= 0 && share <= 1)) throw new RangeError(`share of fault "${kind}" must be between 0 and 1`);
  const on = given.on ?? 'modules';
  if (on !== 'modules' && on !== 'configuration' && on !== 'all') throw new RangeError(`unknown fault scope "${on}"`);
  const value = given.value === undefined ? undefined : String(given.value);
  const number = value === undefined || value === '' || Number.isNaN(Number(value)) ? undefined : Number(value);
  return { kind, value, number, share, on, methods: given.methods?.map((m) => m.toUpperCase()) };
}

function fromText(text: string): FaultInput {
  const match = /^([a-z0-9-]+)(?:=(.*?))?(?:@([0-9.]+)(%?))?$/i.exec(text.trim());
  if (match === null) throw new RangeError(`cannot read fault "${text}"`);
  const [, kind = '', value, share, percent] = match;
  return {
    kind,
    ...(value === undefined ? {} : { value }),
    ...(share === undefined ? {} : { share: Number(share) / (percent === '%' ? 100 : 1) }),
  };
}

/** A fault as text, the inverse of {@link parseFault} apart from scope and methods, which follow in brackets. */
export function formatFault(fault: Fault): string {
  const value = fault.value === undefined ? '' : `=${fault.value}`;
  const share = fault.share === 1 ? '' : `@${fault.share}`;
  const notes = [fault.on === 'modules' ? '' : fault.on, fault.methods?.join(' ') ?? ''].filter((note) => note !== '');
  return `${fault.kind}${value}${share}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
}
