export { type ConsolePage, consolePages } from './console-pages.js';
