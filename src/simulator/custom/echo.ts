import { answerWith, type SimulatedModule } from '../http/exchange.js';
import { writeJson } from '../wire/json-object.js';
import { fromWire } from '../wire/wire-text.js';

/** Name of the custom module: company, then function. Spec: 2.2.1 §6.2.4. */
export const echoModule = 'nlhub-echo';

/** A custom module that answers with what it was sent: any method, any path. Shows that a hub passes on what it does not know. */
export const echo: SimulatedModule = {
  identifier: echoModule,
  role: 'RECEIVER',
  callers: 'party',
  handle: ({ method, path, query, body }) => answerWith(writeJson({ method, path, query, body: fromWire(body) })),
};
