import { describeRows } from './rows/describe-rows.js';
import { paginationRows } from './rows/pagination.js';

describeRows('Pagination', paginationRows);
