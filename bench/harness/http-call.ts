import http from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Name, value, name, value, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface Call {
  readonly method?: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
}

/** One request, outside of everything that is measured. */
export function httpCall({ method = 'GET', url, headers = {}, json }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const body = json === undefined ? undefined : Buffer.from(JSON.stringify(json));
    const type = body ? { 'Content-Type': 'application/json', 'Content-Length': String(body.length) } : {};
    const request = http.request(url, { method, headers: { ...headers, ...type }, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode = 0, headers: received, rawHeaders } = response;
        resolve({ status: statusCode, headers: received, rawHeaders, body: Buffer.concat(chunks) });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** The same, for an answer that must be JSON and good; returns it parsed. */
export async function jsonCall<T>(call: Call): Promise<T> {
  const answer = await httpCall(call);
  const text = answer.body.toString('utf8');
  if (answer.status >= 300)
    throw new Error(`${call.method ?? 'GET'} ${call.url}: ${answer.status} ${text.slice(0, 500)}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}
