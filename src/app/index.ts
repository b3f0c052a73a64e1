export { type Hub, type HubOptions, startHub } from './compose-hub.js';
