import { describeRows } from './rows/describe-rows.js';
import { locationRows } from './rows/locations.js';

describeRows('Locations', locationRows);
