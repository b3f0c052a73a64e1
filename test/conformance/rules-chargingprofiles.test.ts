import { chargingProfileRows } from './rows/chargingprofiles.js';
import { describeRows } from './rows/describe-rows.js';

describeRows('Charging profiles', chargingProfileRows, { reachable: true });
