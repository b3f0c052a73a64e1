import { readFileSync } from 'node:fs';

/** A file of the operator's page, as it is served. */
export interface ConsolePage {
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Only this page's own files, no inline code or style, nothing sent anywhere but to this hub, not inside other pages. What
 * partners call themselves is shown here: even if it were taken for markup it could not run.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const headers = {
  'Content-Security-Policy': policy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
};

/** The files of `assets/`, which the build copies beside the compiled code. */
const files = [
  { file: 'index.html', path: '/', contentType: 'text/html; charset=utf-8' },
  { file: 'console.css', path: '/console/console.css', contentType: 'text/css; charset=utf-8' },
  { file: 'console.js', path: '/console/console.js', contentType: 'text/javascript; charset=utf-8' },
  { file: 'view.js', path: '/console/view.js', contentType: 'text/javascript; charset=utf-8' },
  { file: 'icon.svg', path: '/console/icon.svg', contentType: 'image/svg+xml' },
];

/** The operator's page: partners, lanes, pulls, parked objects and the audit record, to look at. Read once, at start. */
export function consolePages(): readonly ConsolePage[] {
  return files.map(({ file, path, contentType }) => ({
    path,
    contentType,
    body: readFileSync(new URL(`./assets/${file}`, import.meta.url)),
    headers,
  }));
}
