import { isJson, memberOf, membersAt, skipSpace, stringMember } from '../wire/json-scan.js';
import { fromWire } from '../wire/wire-text.js';
import type { Answer } from './http-client.js';

/** An answer with its OCPI envelope taken apart. */
export interface OcpiAnswer {
  http: number;
  /** The OCPI `status_code`; undefined if there was no envelope. */
  code: number | undefined;
  message: string;
  /** The text of `data` (wire text). */
  data: string | undefined;
  headers: Answer['headers'];
}

/** Takes the envelope apart; what is no envelope has no `code`. */
export function readEnvelope(answer: Answer): OcpiAnswer {
  const none = { http: answer.status, code: undefined, message: '', data: undefined, headers: answer.headers };
  if (answer.headers['content-encoding'] !== undefined || !isJson(answer.body)) return none;
  const members = membersAt(answer.body, skipSpace(answer.body, 0)) ?? [];
  const status = memberOf(members, 'status_code');
  const data = memberOf(members, 'data');
  const code = status === undefined ? Number.NaN : Number(answer.body.slice(status.start, status.end));
  return {
    ...none,
    code: Number.isInteger(code) ? code : undefined,
    message: fromWire(stringMember(answer.body, members, 'status_message') ?? ''),
    data: data === undefined ? undefined : answer.body.slice(data.start, data.end),
  };
}

/** Success takes both codes: HTTP 2xx and OCPI 1xxx (ST-11). */
export function isSuccess(answer: OcpiAnswer): boolean {
  const { http, code } = answer;
  return http >= 200 && http < 300 && code !== undefined && code >= 1000 && code < 2000;
}

/** One line that says what an answer was. */
export function describeAnswer(answer: OcpiAnswer): string {
  const code = answer.code === undefined ? 'no envelope' : String(answer.code);
  return `${answer.http}/${code}${answer.message === '' ? '' : ` ${answer.message}`}`;
}
