import { describeRows } from './rows/describe-rows.js';
import { routingRows } from './rows/routing.js';

describeRows('Message routing', routingRows);
