import type { Json } from '../admin-client.js';

/** How a request came to be routed, as a person would be told. */
const ways: Readonly<Record<string, string>> = {
  direct: 'It named a party, so it was for that party alone.',
  open: 'It named no party, so the hub looked for whoever its contents concern.',
  broadcast:
    'It was for everybody (broadcast push): the hub stores it, answers itself, and passes it on to all who may have it.',
  'get-all': 'It asked for the list of all parties, which the hub answers from what it stores.',
  'owner-check': 'It asked for an object of its own that the hub keeps, which the hub answers itself.',
  callback:
    'It was the result of a command that had gone through the hub, so it went back to whoever gave the command.',
  continuation: 'It followed a link that the hub had given out, so it went where that link came from.',
};

/** One message, and in sentences where it went, why, and what came back. */
export function decisionOf(message: Json): string {
  const candidates = message.candidates as readonly Json[];
  const who = [message.partner, message.partner_id].find(Boolean);
  const lines = [
    `${message.at}  ${message.method} ${message.path}`,
    `From ${message.from ?? 'no party'} (${who}) to ${message.to ?? 'nobody by name'}${interfaceOf(message)}.`,
    ...(message.scenario === null ? [] : [ways[String(message.scenario)] ?? `It went the way "${message.scenario}".`]),
    ...rulesOf(message.rules as readonly string[]),
    ...candidates.map(candidateOf),
    ...(Number(message.candidates_left_out) > 0 ? [`${message.candidates_left_out} more parties are not listed.`] : []),
    `The answer was HTTP ${message.http_status}, OCPI ${message.status_code} (${message.outcome}), after ${milliseconds(message.duration_ms)}.`,
    `X-Request-ID ${message.request_id}, X-Correlation-ID ${message.correlation_id}.`,
  ];
  // What partners sent must not reach a terminal as anything but text.
  return lines.map((line) => line.replace(/\p{Cc}/gu, '\uFFFD')).join('\n');
}

function interfaceOf({ module, interface: role }: Json): string {
  if (module === '') return ', at a URL that no module serves';
  return role === null ? `, module ${module}` : `, module ${module} (${String(role).toLowerCase()} interface)`;
}

const rulesOf = (rules: readonly string[]): readonly string[] =>
  rules.length === 0 ? [] : [`${rules.length === 1 ? 'The rule' : 'The rules'} that decided: ${rules.join(', ')}.`];

function candidateOf({ party, partner, why, leg }: Json): string {
  const name = partner === null || partner === '' ? String(party) : `${party} (${partner})`;
  if (leg === undefined) return `  - ${name} was not asked: ${why}.`;
  const { request_id: id, http_status: http, status_code: code, outcome, duration_ms: ms } = leg as Json;
  const answer = [http === null ? '' : `HTTP ${http}`, code === null ? '' : `OCPI ${code}`].filter(Boolean).join(', ');
  const sent = id === null ? '' : `, X-Request-ID ${id}`;
  return `  - ${name} was asked: ${why}. ${outcome}${answer === '' ? '' : `: ${answer}`}, after ${milliseconds(ms)}${sent}.`;
}

const milliseconds = (ms: unknown): string => `${Math.round(Number(ms) * 10) / 10} ms`;
