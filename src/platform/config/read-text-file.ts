import { readFileSync } from 'node:fs';
import type { ReadFile } from './read-settings.js';

/** A file's text, or undefined if there is none; the usual second argument of `loadConfig`. */
export const readTextFile: ReadFile = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
