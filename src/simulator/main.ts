import { Command } from 'commander';
import { addPartnerCommands } from './simulate-command.js';

/** Direct entry: `node dist/simulator/main.js cpo …`, the same as `roamhub simulate cpo …`. */
const program = new Command('simulate').description('partner platforms to try an OCPI 2.2.1 hub with');
addPartnerCommands(program);
await program.parseAsync(process.argv);
