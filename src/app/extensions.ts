import { hereExtension } from '../extensions/here/index.js';

/** The vendors' extensions that this hub knows, one line each. */
export const extensions = [hereExtension] as const;

/** Names of vendor objects that a PATCH merges one level deep. */
export const extensionKeys: ReadonlySet<string> = new Set(extensions.map((extension) => extension.key));
