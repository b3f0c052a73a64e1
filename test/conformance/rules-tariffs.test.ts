import { describeRows } from './rows/describe-rows.js';
import { tariffRows } from './rows/tariffs.js';

describeRows('Tariffs', tariffRows);
