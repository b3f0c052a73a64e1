import { dataTypeRows } from './rows/data-types.js';
import { describeRows } from './rows/describe-rows.js';

describeRows('Data types', dataTypeRows);
