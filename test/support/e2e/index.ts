export { Admin } from './admin.js';
export { bothLegs, providerOf, somewhere } from './charging.js';
export { HubInProcess } from './hub-in-process.js';
export { type HubOptions, HubProcess } from './hub-process.js';
export { Program, type ProgramExit, runProgram } from './program.js';
export { report } from './report.js';
export { type Stack, stacks } from './stacks.js';
export { lasting, until } from './until.js';
export { claimsOf, party, World } from './world.js';
